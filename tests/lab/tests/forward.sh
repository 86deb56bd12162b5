# SPDX-License-Identifier: GPL-2.0-or-later
# forward.sh - a guest gets its address after the start, and is reached until it is destroyed, whatever is restarted meanwhile
# time: 120
forwarding
vm -g -n $mac one
printf '[forward ssh]\nlisten = 12223\nto = 22\n' > $vms/one.ini
before
no_reach client $host_ip 12223

start one
[ -e $state/forwards/one ] || fail "nothing was written down of the VM's forwards"
not_forwarded 12223 || fail "a forward before there is an address: this test shows nothing"
until_true 60 is_watch active || fail "the watch was not started: $(systemctl status virt-handoff-watch.service | tail -n 1)"
# A guest that boots needs the only processor for itself.
pause=3 until_true 600 test -s /var/lib/libvirt/dnsmasq/virbr0.status || fail "the guest did not ask for an address"
until_true 60 forwarded 12223 || fail "the lease was not followed: $(journal | tail -n 1)"
note "reached from everywhere"
until_true 60 ask client $host_ip 12223 || fail "the guest does not answer"
reach client $host_ip 12223
[ "$from" = $client_ip ] || fail "the guest sees $from instead of the client"
[ "$guest_ip" = "$(virsh -q domifaddr one | grep -o '192[0-9.]*')" ] || fail "$guest_ip is not the address that libvirt knows"
reach host $host_ip 12223
reach host $bridge_ip 12223
reach neighbour $bridge_ip 12223
no_reach host 127.0.0.1 12223
no_reach client $guest_ip 22
said "forward ssh of one: 12223/tcp -> $guest_ip port 22 added"

note "the chain of libvirt's rules is flushed"
foreign_flush
until_true 60 head_rule || fail "our rule did not come back after a flush"
reach client $host_ip 12223

# libvirt 9 takes the VM's interface back into a new bridge when it is restarted, not before
note "virsh net-destroy, net-start; systemctl restart libvirtd"
virsh -q net-destroy default || fail "virsh net-destroy"
virsh -q net-start default || fail "virsh net-start"
ip link set v-neighbour master virbr0
libvirtd_restart
until_true 60 in_bridge || fail "libvirtd did not take the VM's interface into the bridge"
until_true 60 ask client $host_ip 12223 || fail "the guest does not answer after net-destroy and net-start"
reach neighbour $bridge_ip 12223
no_reach client $guest_ip 22

note "nft flush ruleset"
nft flush ruleset
until_true 60 forwarded 12223 || fail "the forward did not come back after nft flush ruleset"
reach client $host_ip 12223
note "systemctl restart libvirtd, whose rules were flushed too"
libvirtd_restart
until_true 60 libvirt_rejects || fail "libvirtd did not put its rules in again"
until_true 60 head_rule || fail "our rule is not above those of libvirtd"
reach client $host_ip 12223
reach host $host_ip 12223
no_reach client $guest_ip 22

note "virsh destroy"
destroy one
no_reach client $host_ip 12223
until_true 60 is_watch inactive || fail "the watch goes on without forwards"
after
