# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# daemons.sh - what the tests with real daemons use besides lib.sh: libvirtd, firewalld, dockerd, ufw, DHCP, the watch
#
# They run in a Debian root file system (root.sh) in which this tree has been built and installed. Nothing is faked but QEMU:
# libvirtd itself calls the hook for networks, also for the port of the VM that `virsh net-port-create` gives it, as its driver
# for QEMU does; the hook for VMs is called by us. systemd is not there: daemons are started and told to reload by us.

mac=52:54:00:00:00:01

# daemon NAME COMMAND... - starts it; its pid is in $daemon, what it says in /run/NAME.log
daemon()
{
	name=$1
	shift
	"$@" >> "/run/$name.log" 2>&1 < /dev/null &
	daemon=$!
}

# ready NAME COMMAND... - waits until the daemon answers
ready()
{
	name=$1
	shift
	until_true 60 quiet "$@" || { tail -n 20 "/run/$name.log"; fail "$name does not answer"; }
}

quiet() { "$@" > /dev/null 2>&1; }

# ends PID - and is waited for
ends()
{
	kill "$1" || fail "$1 has ended before"
	wait "$1"
}

# --- libvirtd -----------------------------------------------------------------------------------------------------------

virsh() { command virsh -q -c network:///system "$@"; }

libvirtd_up()
{
	daemon libvirtd libvirtd
	libvirtd=$daemon
	ready libvirtd virsh net-list
}

# the default network with IPv6, and without what takes a second to no use here: a port that learns, an address that is pinged
network_defined()
{
	cat > /run/network.xml <<-XML
		<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'>
		<name>default</name><forward mode='nat'><nat ipv6='yes'/></forward>
		<bridge name='virbr0' stp='off'/>
		<ip address='$bridge' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>
		<ip family='ipv6' address='fd00:22::1' prefix='64'><dhcp><range start='fd00:22::100' end='fd00:22::1ff'/></dhcp></ip>
		<dnsmasq:options><dnsmasq:option value='no-ping'/></dnsmasq:options></network>
	XML
	virsh net-undefine default || fail "net-undefine"
	virsh net-define /run/network.xml || fail "net-define"
}

network_starts() { virsh net-start default || fail "the network does not start"; }

network_restarts()
{
	virsh net-destroy default || fail "the network does not end"
	network_starts
	[ ! "$running" ] || plug one
}

# the last rule that libvirtd puts in
libvirtd_has_rules() { quiet iptables -t mangle -C LIBVIRT_PRT -o virbr0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill; }

# libvirtd takes its rules out and puts them in again: one that has gone before tells when it is done
libvirtd_reloads()
{
	quiet iptables -t mangle -D LIBVIRT_PRT -o virbr0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill
	kill -HUP "$libvirtd"
	until_true 30 libvirtd_has_rules || fail "libvirtd does not put its rules in again"
}

libvirtd_killed()
{
	kill -9 "$libvirtd"
	wait "$libvirtd"
	libvirtd_up
}

# --- others -------------------------------------------------------------------------------------------------------------

bus_up()
{
	mkdir -p /run/dbus
	dbus-daemon --system --fork || fail "there is no system bus"
}

firewalld_up()
{
	[ -S /run/dbus/system_bus_socket ] || bus_up
	daemon firewalld firewalld --nofork --nopid
	firewalld=$daemon
	ready firewalld firewall-cmd --state
}

# Docker drops what is forwarded when it was Docker who switched forwarding on
dockerd_drops()
{
	echo 0 > /proc/sys/net/ipv4/ip_forward
	dockerd_up
	iptables -S FORWARD | grep -q '^-P FORWARD DROP' || fail "Docker does not drop"
}

dockerd_up()
{
	daemon dockerd dockerd --storage-driver vfs
	dockerd=$daemon
	ready dockerd docker info
}
dockerd_restarts()
{
	ends "$dockerd"
	dockerd_up
}

firewall() { ufw "$@" > /run/ufw.log 2>&1 || { cat /run/ufw.log; fail "ufw $*"; }; }

# --- the VM -------------------------------------------------------------------------------------------------------------

# the service, as its .path unit starts it
watch_up()
{
	daemon watch "$watch"
	watching=$daemon
}

# vm_starts NAME - in libvirt's order; the guest has no address yet
vm_starts()
{
	hook "$1" prepare begin || fail "prepare of $1"
	cat > /run/port.xml <<-XML
		<networkport><uuid>$port</uuid><owner><name>$1</name><uuid>$uuid</uuid></owner>
		<mac address='$mac'/></networkport>
	XML
	virsh net-port-create default /run/port.xml || fail "a port for $1"
	plug one
	# QEMU's, from which libvirt and we see that it runs
	echo 1 > "/run/libvirt/qemu/$1.pid"
	hook "$1" start begin || fail "start of $1"
	hook "$1" started begin || fail "started of $1"
	running=$1
	watch_up
}

# watch_ends - by itself, when the last VM has ended
watch_ends()
{
	until_true 30 gone "$watching" || fail "the watch goes on without forwards"
	wait "$watching" || fail "the watch ended with $?"
}

# a port goes with its network, and so may have gone before
vm_stops()
{
	running=
	rm "/run/libvirt/qemu/$1.pid"
	hook "$1" stopped end || fail "stopped of $1"
	virsh net-port-delete default $port 2> /dev/null
	hook "$1" release end || fail "release of $1"
	watch_ends
}
gone() { ! kill -0 "$1" 2> /dev/null; }

port=8c8e7b7c-4e1d-4a86-9f4e-33a6ff5d2d1c

# dhcp NAME - the guest asks for an address, as often as it is called
dhcp()
{
	cat > /run/udhcpc <<-'SH'
		#!/bin/sh
		[ "$1" = bound ] || [ "$1" = renew ] || exit 0
		ip -4 address flush dev $interface && ip address add $ip/$mask dev $interface &&
			ip route replace default via $router
	SH
	chmod 755 /run/udhcpc
	in_ns "$1" busybox udhcpc -q -n -t 20 -T 1 -i eth0 -s /run/udhcpc > /run/udhcpc.log 2>&1 || {
		cat /run/udhcpc.log
		fail "$1 gets no address"
	}
	address=$(in_ns "$1" ip -4 -o address show dev eth0 | sed 's|.* inet \([^/]*\)/.*|\1|')
}

# dhcp6 NAME - the same for IPv6, once, by a client that stays; the router comes by its advertisements
dhcp6()
{
	cat > /run/dhclient <<-'SH'
		#!/bin/sh
		[ -z "${new_ip6_address:-}" ] || ip address replace $new_ip6_address/128 dev $interface nodad
	SH
	chmod 755 /run/dhclient
	in_ns "$1" dhclient -6 -1 -v -sf /run/dhclient -lf /run/dhclient.leases -pf /run/dhclient.pid eth0 > /run/dhclient.log 2>&1 || {
		cat /run/dhclient.log
		fail "$1 gets no IPv6 address"
	}
	address6=$(in_ns "$1" ip -6 -o address show dev eth0 scope global | sed -n 's|.* inet6 \([^/]*\)/128.*|\1|p')
}

# answers, comes WANT FROM PROTO ADDRESS PORT - reach, now and in a while: nobody but the programs under test helps
answers()
{
	want=$1
	shift
	answer=$(ask "$@") && [ "${answer% *}" = "$want" ]
}
comes() { until_true 90 answers "$@" || fail "no answer from $*"; }

# what iptables prints is all there is, and it can read it
iptables_works()
{
	iptables -S > /dev/null || fail "iptables -S"
	until_true 90 iptables_prints_ours || fail "iptables-save does not print our rule"
	iptables-restore --test < /run/saved || fail "iptables-restore does not take what iptables-save printed"
	ip6tables-save > /run/saved6 || fail "ip6tables-save"
	ip6tables-restore --test < /run/saved6 || fail "ip6tables-restore does not take what ip6tables-save printed"
}
iptables_prints_ours()
{
	iptables-save > /run/saved || fail "iptables-save"
	# firewalld that ends leaves tables without chains
	! quiet nft list chain ip filter FORWARD || grep -q '^-A FORWARD -m mark --mark 0x4000000/0x4000000 .*-j ACCEPT' /run/saved
}

# libvirt_with_guest - most tests begin with it
libvirt_with_guest()
{
	[ "${libvirtd:-}" ] || libvirtd_up
	network_defined
	network_starts
	guest one $mac
	forwards
}

# the forwards that most tests have
forwards()
{
	ini train01 <<-INI
		[forward ssh]
		listen = 12223
		to = 22
		local = yes
		[forward dns]
		listen = 5353/udp
		to = 53
	INI
	serve one tcp 0.0.0.0 22
	serve one udp 0.0.0.0 53
	serve one tcp :: 22
}

works()
{
	comes one:22 client tcp $host 12223
	comes one:53 client udp $host 5353
	comes one:22 host tcp $bridge 12223
	comes one:22 host tcp 127.0.0.1 12223
	[ ! "${address6:-}" ] || comes one:22 client tcp $host6 12223
	iptables_works
}

# points_to ADDRESS - the forward leads there, whether or not anybody has the address
points_to() { nft list map inet virt_handoff any4 | grep -q "tcp . 12223 .* : $1 . 22"; }

# --- before and after ---------------------------------------------------------------------------------------------------

# A daemon that starts again may put its rules in another order. So what happens to the daemons is a function of the test,
# which is called once before the VM starts and once while it runs, and says still_works between the events.
still_works() { [ ! "$running" ] || works; }
running=

# daemons go on after they have answered
calm()
{
	foreign > /run/calm
	sleep 0.5
	foreign | cmp -s - /run/calm
}
without_vm() { until_true 60 calm || fail "the daemons change rules again and again"; before; }
as_before() { foreign | cmp -s - /run/before; }
without_a_trace() { until_true 30 as_before; after; }
