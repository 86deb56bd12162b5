# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docker-with-libvirt.sh - the core of docker.sh, docker-after.sh and docker-after-drops.sh: restarts, and a rule in DOCKER-USER

docker_events()
{
	dockerd_restarts
	still_works
	network_restarts
	still_works
	libvirtd_killed
	still_works
	libvirtd_reloads
	still_works
	dockerd_restarts
	still_works
}

# an administrator's own rule
docker_user_drops()
{
	iptables -I DOCKER-USER -s $client -p tcp --dport 22 -j DROP
	no_reach client tcp $host 12223
	comes one:53 client udp $host 5353
	dockerd_restarts
	no_reach client tcp $host 12223
	comes one:53 client udp $host 5353
	iptables -D DOCKER-USER -s $client -p tcp --dport 22 -j DROP
	works
}

docker_with_libvirt()
{
	# bridged packets pass iptables, as Docker wants it for its own bridges
	bridge_netfilter 1
	docker_events
	without_vm
	vm_starts train01
	dhcp one
	works
	no_reach client tcp $address 22
	docker_events
	docker_user_drops
	vm_stops train01
	no_reach client tcp $host 12223
	without_a_trace
}
