# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ufw.sh - ufw with its defaults, nothing is forwarded: it is enabled, reloaded, disabled and enabled again while a VM runs
libvirt_with_guest
events()
{
	firewall --force enable
	still_works
	firewall reload
	still_works
	firewall --force disable
	still_works
	firewall --force enable
	still_works
	libvirtd_killed
	still_works
	firewall reload
	still_works
}
events
without_vm
vm_starts train01
dhcp one
dhcp6 one
works
events
iptables -S FORWARD | grep -q '^-P FORWARD DROP' || fail "ufw is not what drops"
# who is kept out by ufw's rules for the host itself stays out
serve host tcp $host 8080 secret
no_reach client tcp $host 8080
no_reach client tcp $address 22
no_reach client tcp $address6 22
vm_stops train01
no_reach client tcp $host 12223
without_a_trace
