# SPDX-License-Identifier: GPL-2.0-or-later
# hand-over.sh - GPU and audio go to a VM with managed='no' and come back; AppArmor is enforcing all the time
# time: 20
grep -q '^libvirtd (enforce)' /sys/kernel/security/apparmor/profiles || fail "libvirtd's AppArmor profile does not enforce"
vm one $card1.0 $card1.1
ini one
before
start one
taken $card1
at_home $card2
grep -q "^libvirt-$(virsh domuuid one | head -n 1) (enforce)" /sys/kernel/security/apparmor/profiles || fail "QEMU's profile does not enforce"
said "$card1.0"
destroy one
at_home $card1
after
