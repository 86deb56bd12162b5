# SPDX-License-Identifier: GPL-2.0-or-later
# save.sh - virsh save: QEMU refuses it with a VFIO device and the VM goes on; without one, devices come back and go again
# time: 40
file=/var/lib/libvirt/images/save
vm one $card1.0 $card1.1
vm two
ini one
ini two 'take = none' "also = $card2.0 $card2.1"
before

start one
virsh save one $file > /tmp/save.out 2>&1 && fail "QEMU saved a VM with a VFIO device"
cat /tmp/save.out
is_domstate one running || fail "the VM is $(domstate one) after a save that failed"
taken $card1
destroy one
at_home $card1

start two
taken $card2
virsh -q save two $file || fail "virsh save"
is_domstate two 'shut off' || fail "the saved VM is $(domstate two)"
at_home $card2
virsh -q restore $file || fail "virsh restore"
is_domstate two running || fail "the restored VM is $(domstate two)"
taken $card2
destroy two
at_home $card2
rm -f $file
after
