# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docker-blocked.sh - libvirtd has put its rules above a DOCKER-USER that says something: that is said, and a restart of Docker mends it
dockerd_drops
libvirt_with_guest
above() { iptables -S FORWARD | awk '/LIBVIRT_FWI/ { l = NR } /DOCKER-USER/ { d = NR } END { exit !(l < d) }'; }
events()
{
	ends $dockerd
	nft flush ruleset
	dockerd_drops
	libvirtd_killed
	above || fail "libvirtd has not put its rules above DOCKER-USER"
	still_works
	iptables -I DOCKER-USER -s 192.0.2.0/24 -j DROP
	[ ! "$running" ] || blocked
	dockerd_restarts
	above && fail "Docker has not put DOCKER-USER above libvirtd's rules"
	still_works
	iptables -D DOCKER-USER -s 192.0.2.0/24 -j DROP
	still_works
}
blocked()
{
	said "libvirt's rules stand above DOCKER-USER, which has rules of its own: forwards are stopped there; restart Docker"
	no_reach client tcp $host 12223
}
events
without_vm
vm_starts train01
dhcp one
works
events
vm_stops train01
without_a_trace
