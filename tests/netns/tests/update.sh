# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# update.sh - the table that an older program has made is replaced, and connections that began with it go on
guests_serve
echo 600 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout
# nothing passes by itself, also no packets of connections that are there
iptables-restore -n <<-RULES
	*filter
	-A FORWARD -o virbr0 -j REJECT
	-A FORWARD -i virbr0 -j REJECT
	COMMIT
RULES
before
ini train01 <<-INI
	[network]
	address = $one
	[forward dns]
	listen = 5353/udp
	to = 53
INI
start train01
nft delete table inet virt_handoff
nft -f - <<-NFT
	include "$RULES/forwards3.nft"
	add element inet virt_handoff any4 { udp . 5353 comment "train01" : $one . 53 }
	add element inet virt_handoff hair4 { 192.168.122.0/24 . $one comment "train01" }
	add element inet virt_handoff inside { virbr0 comment "train01" }
NFT
# from outside, and from inside with another source
ids() { conntrack -L -p udp --orig-port-dst 5353 -o id 2> /dev/null | grep -o 'id=.*' | sort; }
both_go_on()
{
	reach one:53 client udp $host 5353 4000
	reach one:53 two udp $bridge 5353 4001
}
both_go_on
ids > /run/ids
[ "$(wc -l < /run/ids)" = 2 ] || fail "$(wc -l < /run/ids) connections, not two"
watch firewall
[ $? = 10 ] || fail "an old table is taken for one of this form"
nft list table inet virt_handoff | grep -q '"virt-handoff forwards 5 ' || fail "the table is not of this form"
both_go_on
ids | diff /run/ids - || fail "these are not the same connections"
# and who begins now
reach one:53 client udp $host 5353 4002
reach one:53 two udp $bridge 5353 4003
stop train01
[ -z "$(ids)" ] || fail "connections are left"
no_reach client udp $host 5353
after
