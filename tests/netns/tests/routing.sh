# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# routing.sh - interfaces that do not pass packets on are named; forwarding = manage switches them on, and nothing else
rules libvirt9
guests_serve
echo 0 > /proc/sys/net/ipv4/ip_forward
echo 0 > /proc/sys/net/ipv6/conf/all/forwarding
four() { cat /proc/sys/net/ipv4/conf/"$1"/forwarding; }
advertisements() { cat /proc/sys/net/ipv6/conf/"$1"/accept_ra; }
echo 1 > /proc/sys/net/ipv6/conf/v-client/accept_ra
# the client is the router of this host
in_ns client "$BUILD/tests/netns/advertise" eth0
until_true 5 sh -c "ip -6 route show default | grep -q 'dev v-client proto ra'" || fail "there is no route from an advertisement"
before
both_families()
{
	ini train01 <<-INI
		[network]
		address = $one $one6
		[forward ssh]
		listen = $host:12223, [$host6]:12223
		to = 22
	INI
}
both_families
start train01
said "IPv4 forwarding is off on virbr0, v-client: forwards of train01 do not work there; set net.ipv4.ip_forward to 1, or write forwarding = manage in host.ini; net.ipv6.conf.all.forwarding is 0"
[ "$(four virbr0)$(four v-client)" = 00 ] || fail "it was switched on without being asked"
no_reach client tcp $host 12223
no_reach client tcp $host6 12223
stop train01
# off on the bridge alone: answers would not get back
echo 1 > /proc/sys/net/ipv4/conf/v-client/forwarding
: > $log
start train01
said "IPv4 forwarding is off on virbr0:"
stop train01
echo 0 > /proc/sys/net/ipv4/conf/v-client/forwarding
printf '[firewall]\nforwarding = manage\n' > /etc/virt-handoff/host.ini
: > $log
start train01
said "IPv4 forwarding of virbr0, v-client: 0 -> 1, as host.ini says; net.ipv6.conf.all.forwarding: 0 -> 1, accept_ra: 1 -> 2 on v-client, as host.ini says"
reach one:22 client tcp $host 12223
reach one:22 client tcp $host6 12223
[ "$(four v-one)" = 0 ] || fail "an interface that has nothing to do with it was switched on"
[ "$(cat /proc/sys/net/ipv4/ip_forward)" = 0 ] || fail "the switch for all interfaces was used"
[ "$(advertisements v-client)$(advertisements v-one)" = 21 ] || fail "accept_ra is not kept, or too much was changed"
ip -6 route show default | grep -q 'dev v-client proto ra' || fail "the default route is lost"
stop train01
# every address: where the default route is
ip route add default via $client
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
INI
echo 0 > /proc/sys/net/ipv4/conf/v-client/forwarding
: > $log
start train01
said "IPv4 forwarding of v-client: 0 -> 1"
reach one:22 client tcp $host 12223
stop train01
ip route del default
# a container's /proc/sys: what cannot be switched on is said, and the forwards are there once somebody else does it
read_only() { { mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"; } || fail "$1 stays writable"; }
both_families
ipv6=/proc/sys/net/ipv6/conf/all/forwarding
ipv4=/proc/sys/net/ipv4/conf/v-client/forwarding
echo 0 > $ipv4
echo 0 > $ipv6
read_only $ipv4
read_only $ipv6
: > $log
start train01
said "IPv4 forwarding of v-client cannot be switched on: Read-only file system"
said "IPv6 forwarding cannot be switched on: Read-only file system"
no_reach client tcp $host 12223
umount $ipv4 $ipv6
echo 1 > $ipv4
reach one:22 client tcp $host 12223
stop train01
after
