# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# marks.sh - what belongs to our connections passes a network that rejects all, ICMP errors too, and nothing else does
guests_serve
serve one tcp $one 8000
# as libvirt does for a network without <forward>: nothing in, nothing out
iptables-restore -n <<-RULES
	*filter
	-A FORWARD -i virbr0 -o virbr0 -j ACCEPT
	-A FORWARD -o virbr0 -j REJECT
	-A FORWARD -i virbr0 -j REJECT
	COMMIT
RULES
# the administrator's own ways to the same guest
for port in 22 8000; do
	iptables -t nat -A PREROUTING -p tcp --dport 99$((port % 100)) -j DNAT --to-destination $one:$port
done
# and his own use of the bit
nft -f - <<-NFT
	table ip own {
		chain before { type nat hook prerouting priority -150; tcp dport 9822 dnat to $one:22; }
		chain give { type filter hook prerouting priority -150; ip saddr $client udp dport 7 meta mark set 0x04000001; }
		chain look { type filter hook postrouting priority 200; udp dport 7 meta mark 0x04000001 counter comment "kept"; }
	}
NFT
before
# what far receives must be in small packets
ip netns add far
ip link add far0 netns client mtu 200 type veth peer name eth0 netns far mtu 200
in_ns client sh -c 'ip address add 198.51.100.1/24 dev far0 && ip link set far0 up && echo 1 > /proc/sys/net/ipv4/ip_forward'
in_ns far sh -c 'ip address add 198.51.100.2/24 dev eth0 && ip link set eth0 up && ip route add default via 198.51.100.1'
ip route add 198.51.100.0/24 via $client
long=$(printf '%0230d' 0)
serve one udp $one 5000 "$long"
in_ns client nft -f - <<-NFT
	table ip see { chain come { type filter hook input priority 0; ip saddr $host icmp type destination-unreachable counter; }; }
NFT
errors() { in_ns client nft list table ip see | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'; }
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
	[forward same]
	listen = 8000-8010, 5000-5001/udp
INI
start train01
reach one:22 client tcp $host 12223
reach one:8000 client tcp $host 8000
no_reach client tcp $host 9922
no_reach client tcp $host 9822
no_reach client tcp $host 9900
no_reach client tcp $one 8000
# from the guest to the client: nobody listens there
already=$(errors)
no_reach client udp $host 5001
[ $(($(errors) - already)) = 1 ] || fail "$(errors) - $already ICMP errors for a port that is closed in the guest"
# from the client's side to the guest: too long, fragments are needed; then the guest knows
no_reach far udp $host 5000
reach "$long:5000" far udp $host 5000
# a bit that others gave to their packets stays, through our chains
in_ns client ip route add $one/32 via $host
in_ns client "$BUILD/tests/netns/peer" ask udp $one 7 > /dev/null
nft list chain ip own look | grep -q 'packets [1-9]' || fail "the administrator's mark is lost"
# what he accepts himself passes
iptables -I FORWARD -m conntrack --ctstate DNAT -j ACCEPT
reach one:22 client tcp $host 9922
iptables -D FORWARD -m conntrack --ctstate DNAT -j ACCEPT
# nft reads back what it prints of our table, and it is the same then and serves; but nft takes the order of its words for
# the order of things, so that the DNAT of others would pass: the next look makes the table anew
nft list table inet virt_handoff > /run/printed
nft delete table inet virt_handoff
nft -f /run/printed || fail "nft does not read what it has printed"
nft list table inet virt_handoff | diff /run/printed - || fail "nft reads something else than it has printed"
reach one:22 client tcp $host 12223
watch firewall
[ $? = 10 ] || fail "a table that nft has read back is taken for ours"
nft list table inet virt_handoff | diff /run/printed - || fail "the table that was made anew is another one"
reach one:22 client tcp $host 12223
no_reach client tcp $host 9922
watch firewall || fail "our own table is not taken for ours"
stop train01
after
