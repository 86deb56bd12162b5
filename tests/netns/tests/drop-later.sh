# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# drop-later.sh - Docker comes, and drops, beside libvirt's nftables, which do not let answers through its chain: connections go on
#
# libvirt's own rules accept what is established, but in another table: each packet needs our mark, both ways.
rules libvirt11
guests_serve
echo 600 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout
ini train01 <<-INI
	[network]
	address = $one
	[forward dns]
	listen = 5353/udp
	to = 53
INI
start train01
goes_on()
{
	reach one:53 client udp $host 5353 4000
	reach one:53 two udp $bridge 5353 4001
}
ids() { conntrack -L -p udp --orig-port-dst 5353 -o id 2> /dev/null | grep -o 'id=.*' | sort; }
goes_on
ids > /run/ids
[ "$(wc -l < /run/ids)" = 2 ] || fail "$(wc -l < /run/ids) connections, not two"
rules docker
no_reach client udp $host 5353 4000
watch firewall
[ $? = 10 ] || fail "Docker's chain was not seen"
goes_on
ids | diff /run/ids - || fail "these are not the same connections"
# and goes again, and comes when nobody looks: our rule goes with its chain
iptables -P FORWARD ACCEPT
iptables -F FORWARD
goes_on
iptables -P FORWARD DROP
network started
goes_on
ids | diff /run/ids - || fail "these are not the same connections any more"
reach one:53 client udp $host 5353 4002
stop train01
[ -z "$(ids)" ] || fail "connections are left"
