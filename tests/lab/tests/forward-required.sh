# SPDX-License-Identifier: GPL-2.0-or-later
# forward-required.sh - the host listens on the port: with required = yes the start is refused, without it the VM starts
# time: 25
forwarding
vm -n $mac one $card1.0 $card1.1
address='address = 192.168.122.50'
systemd-run -q --unit=holder busybox nc -l -p 12223
until_true 60 eval 'ss -Hltn "sport = 12223" | grep -q .' || fail "nobody listens on port 12223"
ini one '[network]' "$address" '[forward ssh]' 'listen = 12223' 'required = yes' '[forward web]' 'listen = 12224'
before

refused one 12223/tcp 'the host itself' '[forward ssh]' vms/one.ini
at_home $card1
not_forwarded 12224 || fail "a forward of a VM that was refused"
[ ! -e $state/forwards/one ] || fail "the refused VM left $(cat $state/forwards/one)"

ini one '[network]' "$address" '[forward ssh]' 'listen = 12223' '[forward web]' 'listen = 12224'
start one
taken $card1
said '12223/tcp is in use by the host itself'
forwarded 12224 || fail "the other forward was refused too"
not_forwarded 12223 || fail "a port of the host was taken"
destroy one
at_home $card1
after
