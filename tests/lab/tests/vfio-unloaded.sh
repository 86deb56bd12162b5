# SPDX-License-Identifier: GPL-2.0-or-later
# vfio-unloaded.sh - VFIO is not loaded: it is loaded for the VM, and stays
# machine: its own, because it unloads modules that the others find loaded
# time: 20
modprobe -r vfio-pci || fail "vfio-pci cannot be unloaded"
modprobe -r vfio_iommu_type1 vfio_virqfd vfio 2> /dev/null
grep -q '^vfio_pci ' /proc/modules && fail "vfio-pci is still loaded"
vm one $card1.0 $card1.1
ini one
before

start one
taken $card1
destroy one
at_home $card1
grep -q '^vfio_pci ' /proc/modules || fail "vfio-pci was unloaded"
grep '^vfio\|^irqbypass' /proc/modules | cut -d' ' -f1 > /tmp/vfio
{ sed '/^== modules/q' /tmp/before; { sed '1,/^== modules/d; /^== units/,$d' /tmp/before; cat /tmp/vfio; } | sort -u; sed -n '/^== units/,$p' /tmp/before; } > /tmp/before.vfio
mv /tmp/before.vfio /tmp/before
after
