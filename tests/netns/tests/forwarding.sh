# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# forwarding.sh - net.ipv4.ip_forward is off: it is said what to do, or done, as host.ini has it
rules libvirt9
guests_serve
flag=/proc/sys/net/ipv4/ip_forward
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
INI
before
sentence="net.ipv4.ip_forward is 0: no forward of train01 works; set it to 1, or write forwarding = manage in host.ini"
unsaid() { ! grep -qF "net.ipv4.ip_forward" $log || fail "it is said without need"; }
host_ini() { printf '[firewall]\nforwarding = %s\n' "$1" > /etc/virt-handoff/host.ini; }
# on: nothing is said
start train01
reach one:22 client tcp $host 12223
stop train01
unsaid
# off, and nobody has said that we may: the forward is there, and goes as soon as somebody switches it on
for how in "" check; do
	[ ! "$how" ] || host_ini $how
	echo 0 > $flag
	start train01
	said "$sentence"
	[ "$(cat $flag)" = 0 ] || fail "it was switched on although host.ini does not say so"
	no_reach client tcp $host 12223
	echo 1 > $flag
	reach one:22 client tcp $host 12223
	stop train01
	: > $log
done
# off, and we may
host_ini manage
echo 0 > $flag
start train01
said "net.ipv4.ip_forward: 0 -> 1, as host.ini says"
[ "$(cat $flag)" = 1 ] || fail "it was not switched on"
reach one:22 client tcp $host 12223
stop train01
# others may need it by now
[ "$(cat $flag)" = 1 ] || fail "it was switched off again"
: > $log
# on already: nothing to do
start train01
reach one:22 client tcp $host 12223
stop train01
unsaid
# a VM that asks for no forward is no reason
echo 0 > $flag
ini train01 < /dev/null
start train01
[ "$(cat $flag)" = 0 ] || fail "it was switched on for nobody"
stop train01
unsaid
after
