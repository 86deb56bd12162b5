# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# loopback.sh - 127.0.0.1 of the host on request; guests still do not reach what listens there
rules libvirt9
before
guests_serve
serve host tcp 127.0.0.1 631 printer
flag=/proc/sys/net/ipv4/conf/virbr0/route_localnet
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
	local = yes
	[forward only-here]
	listen = 127.0.0.1:12230-12231
	to = 22
	local = yes
	[forward one-address]
	listen = $host:12240
	to = 22
	local = yes
	[forward not-here]
	listen = 12250
	to = 22
	[forward nor-a-range]
	listen = 8000-8010
	[forward another]
	listen = 12260, 127.0.0.3:12260
	to = 22
	local = yes
INI
# the same ports, at another address of the loopback
ini train02 <<-INI
	[network]
	address = $two
	[forward only-there]
	listen = 127.0.0.2:12230
	to = 22
	local = yes
INI
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
serve one tcp $one 8000
start train01
[ "$(cat $flag)" = 1 ] || fail "route_localnet is off"
[ "$(cat /proc/sys/net/ipv4/conf/all/route_localnet)" = 0 ] || fail "route_localnet is on everywhere"
reach one:22 host tcp 127.0.0.1 12223
reach one:22 client tcp $host 12223
reach one:22 host tcp 127.0.0.1 12230
for at in 127.0.0.1 127.0.0.3; do reach one:22 host tcp $at 12260; done
no_reach host tcp 127.0.0.2 12230
start train02 $two_uuid
reach one:22 host tcp 127.0.0.1 12230
reach two:22 host tcp 127.0.0.2 12230
stop train02 $two_uuid
reach one:22 host tcp 127.0.0.1 12230
no_reach host tcp 127.0.0.2 12230
# local = yes is loopback too, whatever address is listened on
reach one:22 host tcp 127.0.0.1 12240
reach one:22 client tcp $host 12240
no_reach client tcp 203.0.113.2 12240
no_reach client tcp $host 12230
# every address, and every port of a range, does not mean loopback
reach one:22 host tcp $host 12250
reach one:8000 host tcp $host 8000
no_reach host tcp 127.0.0.1 12250
no_reach host tcp 127.0.0.1 8000
# a guest sends packets for 127.0.0.1 through the bridge: do they come to what listens there?
in_ns one sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet; ip route del local 127.0.0.0/8 table local dev lo
	ip route del local 127.0.0.1 table local dev lo; ip route replace 127.0.0.1 via 192.168.122.1 dev eth0 src 192.168.122.167'
nft -f - <<-NFT
	table inet seen {
		chain input { type filter hook input priority 0; iifname "virbr0" ip daddr 127.0.0.1 tcp dport 631 counter; }
		chain forward { type filter hook forward priority 0; iifname "virbr0" ct original ip daddr 127.0.0.1 ct direction original counter; }
	}
NFT
seen() { nft list table inet seen | awk '{ for (i = 2; i < NF; i++) if ($(i - 1) " " $i == "counter packets") n += $(i + 1) } END { print n + 0 }'; }
no_reach one tcp 127.0.0.1 631
# nor to what DNAT leads to from there, ours or of others
no_reach one tcp 127.0.0.1 12230
[ "$(seen)" = 0 ] || fail "a guest's packets come to the host's loopback"
nft -f - <<-NFT
	table ip raw { chain untracked { type filter hook prerouting priority raw; iifname "virbr0" ip daddr 127.0.0.1 notrack; }; }
NFT
no_reach one tcp 127.0.0.1 631
[ "$(seen)" = 0 ] || fail "a guest's packets without conntrack come to the host's loopback"
nft delete table ip raw
# nor does it send from there: some services trust who does
serve host udp $host 5353 trusting
in_ns one sh -c "ip addr add 127.0.0.2/32 dev eth0; ip route replace $host dev eth0 src 127.0.0.2"
nft add chain inet seen from '{ type filter hook input priority 0; }'
nft add rule inet seen from iifname virbr0 ip saddr 127.0.0.0/8 udp dport 5353 counter
no_reach one udp $host 5353
[ "$(seen)" = 0 ] || fail "a guest's packets from 127.0.0.2 come to the host"
nft flush chain inet virt_handoff guard_loopback
no_reach one udp $host 5353
[ "$(seen)" -gt 0 ] || fail "the test is worth nothing: without the guard nothing comes from 127.0.0.2 either"
nft delete chain inet seen from
in_ns one sh -c "ip route del $host dev eth0; ip addr del 127.0.0.2/32 dev eth0"
no_reach one tcp 127.0.0.1 631
nft flush chain inet virt_handoff from_outside
ask one tcp 127.0.0.1 631
[ "$(seen)" -gt 0 ] || fail "the test is worth nothing: without the guard nothing comes either"
watch firewall
before=$(seen)
no_reach one tcp 127.0.0.1 631
[ "$(seen)" = "$before" ] || fail "the guard was not put back"
nft delete table inet seen
stop train01
[ "$(cat $flag)" = 0 ] || fail "route_localnet is left on"
no_reach host tcp 127.0.0.1 12223
after
# a switch that cannot be turned, as in a container: what needs it does not work, and all else does
read_only() { { mount --bind $flag $flag && mount -o remount,ro,bind $flag; } || fail "$flag stays writable"; }
read_only
: > $log
start train01
said "route_localnet cannot be switched on (Read-only file system): connections from 127.0.0.1 do not work"
reach one:22 client tcp $host 12223
no_reach host tcp 127.0.0.1 12223
stop train01
no_reach client tcp $host 12223
after
start train01
umount $flag
watch firewall
reach one:22 host tcp 127.0.0.1 12223
# as long as it is on, the guard stays, and so does what is written down: the next event takes all away
read_only
: > $log
stop train01
said "stopped of train01 failed: route_localnet cannot be switched off: Read-only file system"
nft list chain inet virt_handoff guard_loopback > /dev/null || fail "route_localnet is on without its guard"
watch quiet
said "forwards could not be put right: route_localnet cannot be switched off: Read-only file system"
[ "$(cat $flag)" = 1 ] || fail "the test is worth nothing: route_localnet is off"
umount $flag
[ -e $state/forwards/train01 ] || fail "nobody knows of the forwards of train01 any more"
stop train01
[ "$(cat $flag)" = 0 ] || fail "route_localnet is left on"
after
