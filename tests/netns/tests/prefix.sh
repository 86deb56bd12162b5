# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# prefix.sh - the network of a bridge changes while two VMs forward to one guest in it
rules libvirt9
before
guests_serve
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
printf '[forward a]\nlisten = 12223\nto = %s:22\n' $one | ini train01
printf '[forward b]\nlisten = 12300\nto = %s:22\n' $one | ini train02
start train01
start train02 $two_uuid
reach one:22 two tcp $bridge 12300
ip address del $bridge/24 dev virbr0
ip address add $bridge/23 dev virbr0
: > $log
watch files
[ $? -eq 10 ] || fail "nothing was put right"
if grep -q refuses $log; then fail "$(grep refuses $log | head -n 1)"; fi
[ "$(grep -c 192.168.122.0/23 $state/forwards/* | grep -vc ':0')" = 2 ] || fail "not both have the new network"
watch files || fail "there is still something to put right"
nft list set inet virt_handoff hair4 | grep -q 192.168.122.0/23 || fail "the set has the old network"
reach one:22 two tcp $bridge 12300
stop train01
reach one:22 client tcp $host 12300
stop train02 $two_uuid
ip address del $bridge/23 dev virbr0
ip address add $bridge/24 dev virbr0
after
