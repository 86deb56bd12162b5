# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fault-conntrack.sh - the table of connections is full: forwards come and go all the same, and nobody else's connection is lost
#
# nf_conntrack_max is the machine's and read-only in a namespace, but each namespace has a count of its own: it is filled.
rules libvirt9
# The bridge says in which groups it is, now and a while later. The kernel knows that as a connection without an answer, and takes
# such away by itself when the table is nearly full.
nft 'table inet untracked {
	chain out { type filter hook output priority raw; meta l4proto igmp notrack; }
	chain in { type filter hook prerouting priority raw; meta l4proto igmp notrack; }
}'
before
guests_serve
most=$(cat /proc/sys/net/netfilter/nf_conntrack_max)
[ "$most" -le 1048576 ] || skip "the table has room for $most connections: to fill it would take too much memory"
connections() { cat /proc/sys/net/netfilter/nf_conntrack_count; }
fill() { "$BUILD/tests/netns/fill" "$@"; }
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
	[forward dns]
	listen = 12253/udp
	to = 53
INI
ini train02 <<-INI
	[network]
	address = $two
	[forward ssh]
	listen = 12224
	to = 22
	[forward dns]
	listen = 12254/udp
	to = 53
INI
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
start train01
fill empty > /dev/null
# A connection through its forward, which is there when the table is full; it is put there as it would look in the middle,
# because the kernel throws away what is about to end, or has just begun, when there is no room
conntrack -I -p tcp -s $client -d $host --sport 40000 --dport 12223 -r $one -q $client --reply-port-src 22 --reply-port-dst 40000 \
	--state ESTABLISHED -u SEEN_REPLY,ASSURED -t 3600 > /run/said 2>&1 || fail "no connection: $(cat /run/said)"
fill > /run/said || fail "the table has $(cat /run/said) of $most connections"
[ "$(connections)" = "$most" ] || fail "the table has $(connections) of $most connections"
no_reach client udp $host 12253

# what the kernel cannot do for a new connection is no reason not to start, and a repair can be had
start train02 $two_uuid 52:54:00:00:00:02
nft get element inet virt_handoff any4 '{ tcp . 12224 }' > /dev/null || fail "train02 has no forward"
nft delete table inet virt_handoff
watch firewall
[ $? = 10 ] || fail "the table of rules is not put right"
hook train01 reconnect begin || fail "reconnect: libvirt would kill the VM"
[ "$(connections)" = "$most" ] || fail "$((most - $(connections))) connections are lost, and no forward has gone"

# its connection goes with it, and no other
stop train01
[ "$(connections)" = $((most - 1)) ] || fail "$((most - $(connections))) connections went with train01, not 1"
[ "$(conntrack -L -p tcp --orig-port-dst 12223 2> /dev/null | wc -l)" = 0 ] || fail "the connection of train01 is left"
nft get element inet virt_handoff any4 '{ tcp . 12223 }' 2> /dev/null && fail "the forward of train01 is left"
fill empty > /dev/null
reach two:22 client tcp $host 12224
no_reach client tcp $host 12223
stop train02 $two_uuid
after
