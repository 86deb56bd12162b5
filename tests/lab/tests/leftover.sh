# SPDX-License-Identifier: GPL-2.0-or-later
# leftover.sh - the release never came and the VM was renamed: its next start, with a UUID.ini, takes back what was left
# time: 30
# builds: both
vm one $card1.0 $card1.1
uuid=$(virsh domuuid one | grep .)
ini $uuid
before

start one
taken $card1
# As if libvirtd and QEMU were killed at once, and libvirtd had no memory of the VM
systemctl kill --kill-who=main --signal=STOP $qemud
kill -KILL "$(cat /run/libvirt/qemu/one.pid)"
rm /run/libvirt/qemu/one.xml
systemctl kill --kill-who=main --signal=KILL $qemud
until_true 120 eval 'virsh list > /dev/null 2>&1' || fail "libvirtd did not come again"
is_domstate one 'shut off' || fail "the VM is $(domstate one)"
taken $card1
[ -e $state/ledger/$uuid ] || fail "no ledger is left"

virsh -q domrename one two || fail "virsh domrename"
start two
taken $card1
destroy two
at_home $card1
virsh -q domrename two one
systemctl reset-failed
after
