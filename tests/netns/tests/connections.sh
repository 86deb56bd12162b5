# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# connections.sh - when a forward goes, the connections that it made are forgotten, in every zone, and no others
guests_serve
# the administrator's own way to the same guest, for those that the forward does not take
iptables -t nat -A PREROUTING -p udp --dport 5353 -j DNAT --to-destination $one:53
before
in_ns client ip address add 198.51.100.10/24 dev eth0
ip route add 198.51.100.0/24 dev v-client
ini train01 <<-INI
	[network]
	address = $one
	[forward dns]
	listen = 5353/udp
	to = 53
	from = 198.51.100.0/24
	[forward zoned]
	listen = 5454/udp
	to = 53
INI
known() { conntrack -L -p udp --orig-port-dst "$@" 2> /dev/null | wc -l; }
iptables -t raw -A PREROUTING -i v-client -p udp --dport 5454 -j CT --zone 7
iptables -t raw -A PREROUTING -i virbr0 -p udp --sport 53 -d $client -j CT --zone 7
start train01
in_ns client ip route add $host/32 dev eth0 src 198.51.100.10
reach one:53 client udp $host 5353
in_ns client ip route del $host/32
reach one:53 client udp $host 5454
[ "$(known 5454 --zone 7)" = 1 ] || fail "the connection is not in its zone"
nft delete table ip raw
reach one:53 client udp $host 5353
[ "$from" = $client ] || fail "the administrator's DNAT is not used"
[ "$(known 5353)" = 2 ] || fail "$(known 5353) connections to port 5353"
stop train01
[ "$(known 5454)" = 0 ] || fail "a connection in another zone is left"
[ "$(known 5353 --orig-src 198.51.100.10)" = 0 ] || fail "a connection of the forward is left"
[ "$(known 5353 --orig-src $client)" = 1 ] || fail "a connection that the forward does not take was forgotten"
reach one:53 client udp $host 5353
after
