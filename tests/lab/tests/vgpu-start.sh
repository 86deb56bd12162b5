# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu-start.sh - a mediated device that a VM needs is made for its start and gone after it; wrong wishes are one sentence each
# time: 40
# builds: both
uuid=11111111-2222-3333-4444-555555555501
other=11111111-2222-3333-4444-555555555502

is_mdev() { [ "$(basename "$(readlink "/sys/bus/mdev/devices/$1/mdev_type")")" = "$2" ]; }
no_mdev() { [ ! -e "/sys/bus/mdev/devices/$1" ] || fail "$1 is there"; }

modprobe -a mbochs mtty || fail "modprobe"
mdev_vm one $uuid
vgpu_ini one 'type = mbochs-small' 'gpu = mbochs' 'create = start'
before

start one
is_mdev $uuid mbochs-small || fail "the mediated device is not there, or another"
virsh dumpxml one | grep -q $uuid || fail "the VM has it not"
lsof="/dev/vfio/$(basename "$(readlink /sys/bus/mdev/devices/$uuid/iommu_group)")"
find /proc/"$(cat /run/libvirt/qemu/one.pid)"/fd -lname "$lsof" | grep -q . || fail "QEMU has $lsof not open"
destroy one
no_mdev $uuid

# the UUID that the domain XML names
vgpu_ini one 'type = mbochs-small' 'create = start'
start one
is_mdev $uuid mbochs-small || fail "without uuid and gpu it is not there"
destroy one
no_mdev $uuid

# made by somebody else: adopted, and left
echo $uuid > /sys/class/mdev_bus/mbochs/mdev_supported_types/mbochs-small/create
start one
destroy one
is_mdev $uuid mbochs-small || fail "a device that somebody else made is gone"
vgpu_ini one 'type = mbochs-medium' 'create = start'
refused one vms/one.ini:2 $uuid mbochs-small mbochs-medium
echo 1 > /sys/bus/mdev/devices/$uuid/remove

# create = boot, and the boot helper did not run: it is made now, and stays
vgpu_ini one 'type = mbochs-small'
start one
destroy one
is_mdev $uuid mbochs-small || fail "what is made at boot is gone after the VM"
echo 1 > /sys/bus/mdev/devices/$uuid/remove

vgpu_ini one 'type = mbochs-smal' 'gpu = mbochs' 'create = start'
refused one vms/one.ini:2 mbochs-smal mbochs-small mbochs-large
vgpu_ini one 'type = mbochs-small' 'gpu = mboch' 'create = start'
refused one vms/one.ini:2 "'mboch'" mbochs
vgpu_ini one 'type = mtty-2' 'gpu = mtty' 'create = start'
for ((i = 10; i < 99; i++)); do	# it has 24 ports
	printf '11111111-2222-3333-4444-5555555555%d\n' $i > /sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2/create || break
done 2> /dev/null
refused one vms/one.ini:2 'no room for another mtty-2' mtty
for d in /sys/bus/mdev/devices/*; do echo 1 > "$d/remove"; done
vgpu_ini one "uuid = $uuid" 'type = mbochs-small' '[vgpu b]' "uuid = $uuid" 'type = mbochs-small'
refused one vms/one.ini:5 'the same uuid'
vgpu_ini one 'type = Dual port serial' 'gpu = mtty'
echo $uuid > /sys/class/mdev_bus/mbochs/mdev_supported_types/mbochs-small/create
refused one vms/one.ini:2 "$uuid is there already as mbochs-small on mbochs"
mdev_remove $uuid
mdev_vm two $other
vgpu_ini one 'type = mbochs-small' 'create = start'
vgpu_ini two "uuid = $uuid" 'type = mbochs-small' 'create = start'
refused one vms/one.ini:2 vms/two.ini:2 $uuid
rm "$vms/two.ini"
virsh -q undefine two
no_mdev $uuid
no_mdev $other

after
