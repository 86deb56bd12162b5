# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# firewalld-libvirt.sh - firewalld and libvirtd, which puts its bridge into the zone libvirt: a reload flushes FORWARD, and all comes back
bus_up
firewalld_up
libvirt_with_guest
[ "$(firewall-cmd --get-zone-of-interface=virbr0)" = libvirt ] || fail "libvirtd has not put its bridge into its zone"
# firewalld takes out the rules of iptables too, and libvirtd, when it hears of it, puts its own in again
reloads()
{
	firewall-cmd -q "$1" || fail "firewall-cmd $1"
	until_true 30 libvirtd_has_rules || fail "libvirtd does not put its rules in again"
	still_works
}
events()
{
	reloads --reload
	reloads --complete-reload
	reloads --reload
	network_restarts
	still_works
	libvirtd_killed
	still_works
	ends $firewalld
	still_works
	firewalld_up
	still_works
	reloads --reload
}
events
without_vm
vm_starts train01
dhcp one
dhcp6 one
works
events
no_reach client tcp $address 22
no_reach client tcp $address6 22
vm_stops train01
no_reach client tcp $host 12223
without_a_trace
