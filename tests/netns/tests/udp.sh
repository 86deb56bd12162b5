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
	[forward here]
	listen = 127.0.0.2:5454/udp
	to = 53
	local = yes
INI
ask client udp $host 7777 4444 > /dev/null || fail "no bystander"
in_ns client "$BUILD/tests/netns/peer" talk udp $host 5353 5555 > /run/talk &
talker=$!
# one of the host itself, whom nobody answers, not even that the port is closed
nft 'table ip silent { chain input { type filter hook input priority 0; ip daddr 127.0.0.2 drop; }; }'
in_ns host "$BUILD/tests/netns/peer" talk udp 127.0.0.2 5454 5556 > /run/talk-here &
here=$!
sleep 0.3
kill -0 $here || fail "the host's own sender has an answer already"
kill -0 $talker || fail "the sender has an answer already"
known() { [ "$(conntrack -L -p udp --orig-port-dst 5353 2> /dev/null | wc -l)" = 1 ]; }
until_true 30 known || fail "the kernel does not know the sender"
start train01
nft delete table ip silent
wait $talker || fail "the sender has no answer"
wait $here || fail "the host's own sender has no answer"
grep -q one:53 /run/talk-here || fail "the host's own sender has another answer"
grep -q one:53 /run/talk || fail "the sender has another answer"
[ "$(conntrack -L -p udp --orig-port-dst 7777 2> /dev/null | wc -l)" = 1 ] || fail "a connection of others was forgotten"
stop train01
[ "$(conntrack -L -p udp --orig-port-dst 5353 2> /dev/null | wc -l)" = 0 ] || fail "the kernel still forwards the sender"
[ "$(conntrack -L -p udp --orig-port-dst 7777 2> /dev/null | wc -l)" = 1 ] || fail "a connection of others was forgotten"
after
