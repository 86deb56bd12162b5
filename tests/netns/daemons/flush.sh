# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# flush.sh - nft flush ruleset takes everybody's rules: ours come back by themselves, libvirtd's when it starts again, not when it reloads
libvirt_with_guest
without_vm
vm_starts train01
dhcp one
works
nft flush ruleset
# nobody's rules stop it now
works
iptables -S | grep -q LIBVIRT && fail "the rules of libvirtd are still there: nothing was flushed"
# a reload does not bring libvirtd's chains back, which it makes once; a restart does
kill -HUP $libvirtd
virsh net-list > /dev/null || fail "libvirtd does not answer"
works
libvirtd_killed
until_true 30 libvirtd_has_rules || fail "libvirtd's rules do not come back"
works
# the watch is killed: the hook for networks is enough for what libvirt does
kill -9 $watching
wait $watching
network_restarts
works
virsh net-update default add ip-dhcp-host "<host mac='$mac' ip='$two'/>" --live || fail "net-update"
until_true 30 points_to $two || fail "the forwards do not follow the reservation"
virsh net-update default delete ip-dhcp-host "<host mac='$mac' ip='$two'/>" --live || fail "net-update"
works
nft flush ruleset
libvirtd_killed
network_restarts
works
watch_up
vm_stops train01
no_reach client tcp $host 12223
without_a_trace
