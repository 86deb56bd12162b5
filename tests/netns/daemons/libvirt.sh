# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt.sh - libvirtd: the guest's lease brings the forward; network, libvirtd and reservation change, and it follows
libvirtd_up
network_starts
guest one $mac
forwards
before
no_reach client tcp $host 12223
vm_starts train01
said "[forward ssh] of train01 waits until the VM has an address"
dhcp one
works
iptables_works
echo "the lease: $address"
network_restarts
works
iptables_works
libvirtd_killed
works
libvirtd_reloads
works
# the watch may be a moment behind, but must not be behind for ever
libvirtd_killed
libvirtd_reloads
network_restarts
works
iptables_works
virsh net-update default add ip-dhcp-host "<host mac='$mac' ip='$two'/>" --live --config || fail "net-update"
dhcp one
[ "$address" = $two ] || fail "the guest has $address, not the address that is reserved for it"
works
virsh net-update default modify ip-dhcp-host "<host mac='$mac' ip='$one'/>" --live --config || fail "net-update"
dhcp one
[ "$address" = $one ] || fail "the guest has $address, not the address that is reserved for it"
works
iptables_works
vm_stops train01
no_reach client tcp $host 12223
after
