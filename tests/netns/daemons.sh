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

network_starts() { virsh net-start default || fail "the network does not start"; }

network_restarts()
{
	virsh net-destroy default || fail "the network does not end"
	network_starts
	plug one
}

# libvirtd takes its rules out and puts them in again: one that has gone before tells when it is done
libvirtd_reloads()
{
	reject="LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable"
	quiet iptables -D $reject
	kill -HUP "$libvirtd"
	until_true 30 quiet iptables -C $reject || fail "libvirtd does not put its rules in again"
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
	hook "$1" start begin || fail "start of $1"
	hook "$1" started begin || fail "started of $1"
	watch_up
}

# a port goes with its network, and so may have gone before
vm_stops()
{
	hook "$1" stopped end || fail "stopped of $1"
	virsh net-port-delete default $port 2> /dev/null
	hook "$1" release end || fail "release of $1"
	until_true 30 gone "$watching" || fail "the watch goes on without forwards"
}
gone() { ! kill -0 "$1" 2> /dev/null; }

port=8c8e7b7c-4e1d-4a86-9f4e-33a6ff5d2d1c

# dhcp NAME - the guest asks for an address, as often as it is called
dhcp()
{
	cat > /run/udhcpc <<-'SH'
		#!/bin/sh
		[ "$1" = bound ] || [ "$1" = renew ] || exit 0
		ip address flush dev $interface scope global && ip address add $ip/$mask dev $interface &&
			ip route replace default via $router
	SH
	chmod 755 /run/udhcpc
	in_ns "$1" busybox udhcpc -q -n -t 20 -T 1 -i eth0 -s /run/udhcpc > /run/udhcpc.log 2>&1 || {
		cat /run/udhcpc.log
		fail "$1 gets no address"
	}
	address=$(in_ns "$1" ip -4 -o address show dev eth0 | sed 's|.* inet \([^/]*\)/.*|\1|')
}

# answers, comes WANT FROM PROTO ADDRESS PORT - reach, now and in a while: nobody but the programs under test helps
answers()
{
	want=$1
	shift
	answer=$(ask "$@") && [ "${answer% *}" = "$want" ]
}
comes() { until_true 30 answers "$@" || fail "no answer from $*"; }

# the tables that are written out by iptables are those that it can read
iptables_works()
{
	iptables -S > /dev/null || fail "iptables -S"
	iptables-save > /run/saved || fail "iptables-save"
	grep -q '^-A FORWARD -m mark --mark 0x4000000/0x4000000 .*-j ACCEPT' /run/saved || fail "iptables-save does not print our rule"
	iptables-restore --test < /run/saved || fail "iptables-restore does not take what iptables-save printed"
	ip6tables-save > /run/saved && ip6tables-restore --test < /run/saved || fail "ip6tables-save"
}

# the forwards that most tests have
forwards()
{
	ini train01 <<-INI
		[forward ssh]
		listen = 12223
		to = 22
		[forward dns]
		listen = 5353/udp
		to = 53
	INI
	serve one tcp 0.0.0.0 22
	serve one udp 0.0.0.0 53
}
works()
{
	comes one:22 client tcp $host 12223
	comes one:53 client udp $host 5353
	comes one:22 host tcp $bridge 12223
}
