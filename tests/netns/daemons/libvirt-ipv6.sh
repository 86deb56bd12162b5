# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt-ipv6.sh - a network with IPv6: a guest that asks dnsmasq by DHCPv6, then one with an address that only its INI file knows
libvirt_with_guest
events()
{
	network_restarts
	still_works
	libvirtd_killed
	still_works
	libvirtd_reloads
	still_works
}
events
without_vm
no_reach client tcp $host6 12223
vm_starts train01
dhcp6 one
echo "the lease: $address6"
comes one:22 client tcp $host6 12223
[ "${answer#* }" = $client6 ] || fail "the guest sees ${answer#* } instead of the client"
comes one:22 host tcp fd00:22::1 12223
no_reach client tcp $host 12223
no_reach client tcp $address6 22
dhcp one
works
events
ip6tables -S FORWARD | grep -q '^-A FORWARD -m mark --mark 0x4000000/0x4000000' || fail "our rule is not in ip6 filter FORWARD"
vm_stops train01
no_reach client tcp $host6 12223
without_a_trace
in_ns one ip -6 address flush dev eth0 scope global
in_ns one ip -4 address flush dev eth0
in_ns one ip address add $one6/64 dev eth0 nodad
in_ns one ip address add $one/24 dev eth0
in_ns one ip route replace default via $bridge
sed -i '1i [network]\naddress = '"$one $one6" $vms/train01.ini
vm_starts train01
works
events
vm_stops train01
without_a_trace
