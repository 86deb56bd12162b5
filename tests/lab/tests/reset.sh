# SPDX-License-Identifier: GPL-2.0-or-later
# reset.sh - virsh reset, and a guest that resets itself, change nothing
# time: 20
boot_reset /var/lib/libvirt/images/reset.img
vm -d /var/lib/libvirt/images/reset.img one $card1.0 $card1.1
ini one
before

start one
taken $card1
pid=$(cat /run/libvirt/qemu/one.pid)
said "$card1.0"
lines=$(journal | wc -l)
virsh -q event one --event reboot --timeout 300 > /tmp/event || fail "the guest did not reset itself"
virsh -q reset one || fail "virsh reset"
is_domstate one running || fail "the VM is $(domstate one) after a reset"
[ "$pid" = "$(cat /run/libvirt/qemu/one.pid)" ] || fail "QEMU is another process after a reset"
taken $card1
[ "$lines" = "$(journal | wc -l)" ] || fail "something was done at a reset"
destroy one
after
