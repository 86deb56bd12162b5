# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu-samples.sh - real kernel code for vGPUs works here: the sample mdev drivers, and SR-IOV of an NVMe controller
# time: 15
# plug: nvme
nvme=0000:07:00.0

until_true 60 on_driver $nvme nvme || fail "the plugged NVMe controller is on $(driver $nvme)"
before

# mtty has no description; its parent and theirs are virtual devices
while read -r module type count api description; do
	modprobe "$module" || fail "modprobe $module"
	parent=$(readlink -f "/sys/class/mdev_bus/$module")
	types=$parent/mdev_supported_types
	[ "$(echo "$types"/*-* | wc -w)" = "$count" ] || fail "$module has types $(ls "$types")"
	[ "$(cat "$types/$type/device_api")" = "$api" ] || fail "$type: $(cat "$types/$type/device_api")"
	[ ! -e "$types/$type/description" ] || [ "$description" = yes ] || fail "$type has a description"
	free=$(cat "$types/$type/available_instances")
	uuid=$(cat /proc/sys/kernel/random/uuid)
	echo "$uuid" > "$types/$type/create" || fail "$type: create"
	[ "$(readlink -f "/sys/bus/mdev/devices/$uuid")" = "$parent/$uuid" ] || fail "$type: no $uuid under its parent"
	[ "$(basename "$(readlink "/sys/bus/mdev/devices/$uuid/mdev_type")")" = "$type" ] || fail "$uuid has another type"
	[ "$(cat "$types/$type/available_instances")" -lt "$free" ] || fail "$type: as many as before"
	no_write "$uuid" "$types/$type/create" 'File exists'
	no_write 'no uuid' "$types/$type/create" 'Invalid argument'
	echo 1 > "/sys/bus/mdev/devices/$uuid/remove" || fail "$uuid: remove"
	[ ! -e "/sys/bus/mdev/devices/$uuid" ] || fail "$uuid is still there"
	[ "$(cat "$types/$type/available_instances")" = "$free" ] || fail "$type: $free free before, $(cat "$types/$type/available_instances") now"
done <<-'SAMPLES'
	mtty   mtty-1        2 vfio-pci no
	mdpy   mdpy-vga      3 vfio-pci yes
	mbochs mbochs-small  3 vfio-pci yes
SAMPLES
modprobe -r mtty mdpy mbochs || fail "modprobe -r"

# VFs stay free, each in its own group, and one can be bound
[ "$(cat $pci/$nvme/sriov_totalvfs)" = 4 ] || fail "sriov_totalvfs is $(cat $pci/$nvme/sriov_totalvfs)"
echo 0 > $pci/$nvme/sriov_drivers_autoprobe
no_write 5 $pci/$nvme/sriov_numvfs 'Numerical result out of range'
echo 2 > $pci/$nvme/sriov_numvfs || fail "sriov_numvfs"
no_write 4 $pci/$nvme/sriov_numvfs 'Device or resource busy'
[ "$(vfs_of $nvme)" = "0000:07:00.1 0000:07:00.2" ] || fail "VFs: $(vfs_of $nvme)"
groups=$(for vf in $nvme $(vfs_of $nvme); do readlink "$pci/$vf/iommu_group"; done | sort -u | wc -l)
[ "$groups" = 3 ] || fail "$groups groups for the PF and its two VFs"
echo vfio-pci > $pci/0000:07:00.1/driver_override
echo 0000:07:00.1 > /sys/bus/pci/drivers_probe
on 0000:07:00.1 vfio-pci
on 0000:07:00.2 -
echo 0 > $pci/$nvme/sriov_numvfs || fail "sriov_numvfs = 0"
[ "$(vfs_of $nvme)" = "" ] || fail "VFs are left: $(vfs_of $nvme)"

after
