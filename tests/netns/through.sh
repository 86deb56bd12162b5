# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# through.sh - the core of each through-*.sh: closed before, open from everywhere while the VM runs, closed again, no trace

before
guests_serve
ini train01 <<-INI
	[network]
	address = $one $one6
	[forward ssh]
	listen = 12223, 12224/tcp
	to = 22
	[forward dns]
	listen = 5353/udp
	to = 53
INI
no_reach client tcp $host 12223
start train01
for address in $host 203.0.113.2 $host6; do
	reach one:22 client tcp $address 12223
	case "$from" in "$client" | "$client6") ;; *) fail "the guest sees $from instead of the client" ;; esac
	reach one:22 client tcp $address 12224
	reach one:53 client udp $address 5353
done
# the host by its own addresses, another guest and the guest itself by the host's
for address in $host $bridge; do
	reach one:22 host tcp $address 12223
	reach one:53 host udp $address 5353
	reach one:22 two tcp $address 12223
	reach one:22 one tcp $address 12223
	reach one:53 one udp $address 5353
done
reach one:22 two tcp fd00:22::1 12223
reach one:22 one tcp $host6 12223
# nothing but the ports that were asked for
no_reach client tcp $one 22
no_reach client tcp $host 12225
no_reach client udp $host 12223
no_reach host tcp 127.0.0.1 12223
iptables -S > /dev/null || fail "iptables -S"
iptables -L -n > /dev/null || fail "iptables -L"
iptables-save > /run/saved
if grep -q '^:FORWARD' /run/saved; then
	grep -q '^-A FORWARD -m mark --mark 0x4000000/0x4000000 .*-j ACCEPT' /run/saved || fail "iptables-save does not print our rule"
	iptables-restore --test < /run/saved || fail "iptables-restore does not take what iptables-save printed"
	iptables -C FORWARD -m mark --mark 0x4000000/0x4000000 -m comment --comment virt-handoff -j ACCEPT || fail "iptables -C"
fi
# what nft prints, it can read
nft list table inet virt_handoff > /run/table
nft -c -f /run/table || fail "nft cannot read what it printed"
stop train01
no_reach client tcp $host 12223
after
