# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# flush.sh - nft flush ruleset takes everybody's rules: ours come back by themselves, libvirtd's when it reloads
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
quiet iptables -C LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable || fail "libvirtd's rules do not come back"
works
# the watch is killed: the hook for networks is enough for what libvirt does
kill -9 $watching
wait $watching
network_restarts
works
nft flush ruleset
libvirtd_killed
network_restarts
works
watch_up
vm_stops train01
no_reach client tcp $host 12223
without_a_trace
