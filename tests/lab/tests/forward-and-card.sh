# SPDX-License-Identifier: GPL-2.0-or-later
# forward-and-card.sh - a card and a forward, also from 127.0.0.1: both come and go; a card that is refused leaves no forward behind
# time: 25
forwarding
vm -n $mac one $card1.0 $card1.1
forward=('[network]' 'address = 192.168.122.50' '[forward ssh]' 'listen = 12223' 'to = 22' 'local = yes' 'required = yes')
localnet=/proc/sys/net/ipv4/conf/virbr0/route_localnet
ini one "${forward[@]}"
before

start one
taken $card1
forwarded 12223 || fail "no forward: $(journal | tail -n 1)"
[ "$(find $state/ledger $state/forwards -type f | wc -l)" = 2 ] || fail "not one ledger and one list of forwards"
[ "$(cat $localnet)" = 1 ] || fail "route_localnet of the bridge was not switched on: $(journal | tail -n 1)"
rm $vms/one.ini
destroy one
at_home $card1
not_forwarded 12223 || fail "the forward is left"

ini one 'expect = 10de:2684' "${forward[@]}"
refused one $card1.0 10de:2684
at_home $card1
not_forwarded 12223 || fail "a VM that was refused has a forward"
after
