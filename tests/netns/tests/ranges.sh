# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ranges.sh - ranges to the same ports and to others, by address of the host, by client, in both families
rules libvirt9
before
guests_serve
serve one tcp $one 8000-8010 && serve one udp $one 8000-8010 && serve one tcp $one6 8000-8010
in_ns client ip address add 198.51.100.10/24 dev eth0
ip route add 198.51.100.0/24 dev v-client
ini train01 <<-INI
	[network]
	address = $one $one6
	[forward same]
	listen = 8000-8010, 8000-8010/udp
	[forward shifted]
	listen = 19000-19003/tcp
	to = 8003
	[forward by-address]
	listen = 203.0.113.2:2222, [$host6]:2222
	to = 22
	[forward by-client]
	listen = 2223, 9000-9010
	to = 8000
	from = $client, 10.0.0.0/8
	[forward range-by-client]
	listen = 8005-8010/sctp
	from = 198.51.100.0/24
INI
start train01
for port in 8000 8005 8010; do
	for address in $host $host6; do reach one:$port client tcp $address $port; done
	reach one:$port client udp $host $port
done
no_reach client tcp $host 8011
no_reach client tcp $host 7999
reach one:8003 client tcp $host 19000
reach one:8006 client tcp $host 19003
reach one:8006 client tcp $host6 19003
no_reach client tcp $host 19004
reach one:22 client tcp 203.0.113.2 2222
no_reach client tcp $host 2222
reach one:22 client tcp $host6 2222
reach one:8000 client tcp $host 2223
reach one:8010 client tcp $host 9010
in_ns client ip route add $host/32 dev eth0 src 198.51.100.10
reach one:8000 client tcp $host 8000
[ "$from" = 198.51.100.10 ] || fail "the test client has the wrong address"
no_reach client tcp $host 2223
no_reach client tcp $host 9010
in_ns client ip route del $host/32
stop train01
no_reach client tcp $host 8000
after
