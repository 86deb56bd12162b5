# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu-boot.sh - the boot unit makes the mediated devices of three VMs and an adapter's virtual functions, and again, and says what fails
# time: 60
# builds: both
# plug: nvme
nvme=0000:07:00.0
id() { echo "11111111-2222-3333-4444-5555555555$1"; }

modprobe -a mtty mdpy mbochs || fail "modprobe"
until_true 60 on_driver $nvme nvme || fail "the plugged NVMe controller is on $(driver $nvme)"
for i in 1 2 3; do mdev_vm vm$i "$(id 0$i)"; done
before
vgpu_ini vm1 "uuid = $(id 01)" 'type = Dual port serial'
vgpu_ini vm2 "uuid = $(id 02)" 'type = mdpy-vga' 'gpu = mdpy'
vgpu_ini vm3 'type = mbochs-medium' 'gpu = any'
printf '%s\n' '[gpu disk]' "address = $nvme" 'vfs = 3' 'probe-vfs = no' > $host_ini

boot_does
mdev_is "$(id 01)" mtty 'Dual port serial'
mdev_is "$(id 02)" mdpy mdpy-vga
mdev_is "$(id 03)" mbochs mbochs-medium
[ "$(vfs_of $nvme | wc -w)" = 3 ] || fail "virtual functions: $(vfs_of $nvme)"
for vf in $(vfs_of $nvme); do on "$vf" -; done
made=$(mdev_list)
boot_does_nothing
[ "$made" = "$(mdev_list)" ] || fail "the second run made other devices"

note "one is lost, wishes are wrong, a file is broken: the rest is made, and each failure is a line"
mdev_remove "$(id 03)"
vgpu_ini vm2 'type = mdpy-huge' 'gpu = mdpy'
printf '%s\n' '[vgpu a]' 'typ = mdpy-vga' > $vms/vm4.ini
vgpu_ini vm5 "uuid = $(id 01)" 'type = mbochs-small'
vgpu_ini vm6 "uuid = $(id 06)" 'type = mbochs-small' "uuid = $(id 07)"
printf '%s\n' '[gpu disk]' "address = $nvme=1af4:1000" 'vfs = 3' 'probe-vfs = no' > $host_ini
boot_fails vms/vm2.ini:2 vms/vm4.ini:2 vms/vm5.ini:2 vms/vm6.ini:4 host.ini:2
boot_said mdpy-huge
boot_said 1af4:1000
mdev_is "$(id 01)" mtty 'Dual port serial'
mdev_is "$(id 03)" mbochs mbochs-medium
[ "$(mdev_list | wc -l)" = 3 ] || fail "devices: $(mdev_list)"

note "a card that a VM has; mdevctl makes the same: adopted, and said"
rm $vms/vm[2456].ini
put 0 $pci/$nvme/sriov_numvfs
put vfio-pci $pci/$nvme/driver_override
put $nvme $pci/$nvme/driver/unbind
put $nvme /sys/bus/pci/drivers_probe
on $nvme vfio-pci
printf '%s\n' '[gpu disk]' "address = $nvme" 'vfs = 3' 'probe-vfs = no' > $host_ini
mkdir -p /etc/mdevctl.d/mbochs
echo '{"mdev_type":"mbochs-medium","start":"auto"}' > "/etc/mdevctl.d/mbochs/$(id 03)"
made=$(mdev_list)
boot_fails host.ini:2
boot_said "$nvme is on vfio-pci, because a VM has or had it whole"
[ "$(boot_log -p warning..warning | grep -c "mdevctl makes $(id 03) too")" = 1 ] || fail "no remark about mdevctl: $(boot_log)"
[ "$made" = "$(mdev_list)" ] || fail "other devices: $(mdev_list)"
rm -r /etc/mdevctl.d $host_ini
put '' $pci/$nvme/driver_override
put $nvme $pci/$nvme/driver/unbind
put $nvme /sys/bus/pci/drivers_probe

note "what was made at boot is the VM's, and stays"
start vm3
destroy vm3
mdev_is "$(id 03)" mbochs mbochs-medium
for d in /sys/bus/mdev/devices/*; do mdev_remove "${d##*/}"; done
rm $vms/*.ini
systemctl stop $boot_unit
after
