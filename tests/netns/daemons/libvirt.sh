# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt.sh - Debian's default network: the lease brings the forward; network, libvirtd and reservation change, and it follows
libvirtd_up
network_starts
guest one $mac
forwards
events()
{
	network_restarts
	still_works
	libvirtd_killed
	still_works
	libvirtd_reloads
	still_works
	# the watch may be a moment behind, but must not be behind for ever
	libvirtd_killed
	libvirtd_reloads
	network_restarts
	still_works
}
events
without_vm
no_reach client tcp $host 12223
vm_starts train01
said "forward ssh of train01: 12223/tcp waits until the VM has an address"
dhcp one
works
echo "the lease: $address"
events
# the reservation counts at once
virsh net-update default add ip-dhcp-host "<host mac='$mac' ip='$two'/>" --live --config || fail "net-update"
until_true 30 points_to $two || fail "the forwards do not follow the reservation"
dhcp one
[ "$address" = $two ] || fail "the guest has $address, not the address that is reserved for it"
works
virsh net-update default modify ip-dhcp-host "<host mac='$mac' ip='$one'/>" --live --config || fail "net-update"
dhcp one
[ "$address" = $one ] || fail "the guest has $address, not the address that is reserved for it"
works
no_reach client tcp $address 22
vm_stops train01
no_reach client tcp $host 12223
without_a_trace
