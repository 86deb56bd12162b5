# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# udp.sh - a UDP sender who never pauses gets to the guest when the forward comes, and no longer when it goes
rules libvirt9
before
guests_serve
serve host udp $host 7777 bystander
ini train01 <<-INI
	[network]
	address = $one
	[forward dns]
	listen = 5353/udp
	to = 53
INI
ask client udp $host 7777 4444 > /dev/null || fail "no bystander"
in_ns client "$BUILD/tests/netns/peer" talk udp $host 5353 5555 > /run/talk &
talker=$!
sleep 0.3
kill -0 $talker || fail "the sender has an answer already"
[ "$(conntrack -L -p udp --orig-port-dst 5353 2> /dev/null | wc -l)" = 1 ] || fail "the kernel does not know the sender"
start train01
wait $talker || fail "the sender has no answer"
grep -q one:53 /run/talk || fail "the sender has another answer"
[ "$(conntrack -L -p udp --orig-port-dst 7777 2> /dev/null | wc -l)" = 1 ] || fail "a connection of others was forgotten"
stop train01
[ "$(conntrack -L -p udp --orig-port-dst 5353 2> /dev/null | wc -l)" = 0 ] || fail "the kernel still forwards the sender"
[ "$(conntrack -L -p udp --orig-port-dst 7777 2> /dev/null | wc -l)" = 1 ] || fail "a connection of others was forgotten"
after
