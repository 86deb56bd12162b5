# SPDX-License-Identifier: GPL-2.0-or-later
# hand-over.sh - GPU and audio go to a VM with managed='no' and come back; AppArmor is enforcing
# time: 15
# builds: both
grep -q "^$qemud (enforce)" /sys/kernel/security/apparmor/profiles || fail "libvirtd's AppArmor profile does not enforce"
vm one $card1.0 $card1.1
ini one
before

start one
taken $card1
at_home $card2
uuid=$(virsh domuuid one | head -n 1)
grep -q "^libvirt-$uuid (enforce)" /sys/kernel/security/apparmor/profiles || fail "QEMU's AppArmor profile does not enforce"
[ -e $state/ledger/$uuid ] || fail "no ledger while the VM runs"
said "$card1.0"

destroy one
at_home $card1
after
