# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu-boot-nvidia.sh - the boot unit cuts NVIDIA's cards, played, into vGPUs: all three generations, and what goes wrong
# time: 120
a=$(gpu 0) b=$(gpu 1)
u() { echo "11111111-2222-3333-4444-5555555555$1"; }
current() { cat "$pci/$1/nvidia/current_vgpu_type"; }
has_vfs() { [ "$(vfs_of "$1" | wc -w)" = "$2" ] && on_driver "$1" nvidia; }
none_left() { [ "$(cat "$(mdev_type "$1" "$2")/available_instances")" = 0 ]; }	# none_left VF TYPE-NAME
hook() { /etc/libvirt/hooks/qemu.d/50-virt-handoff "$1" "$2" "$3" - < "/etc/libvirt/qemu/$1.xml"; }
in_use() { find "/proc/$(systemctl show -P MainPID user)/fd" -lname '*vfio-device*' 2> /dev/null | grep -q .; }
vm4_ini()	# vm4_ini SECONDS - how long its way back may take
{
	vgpu_ini vm4 'type = A40-2Q' 'create = start' '[devices]' 'take = none' "deadline = $1"
}
before

note "mdevs of VFs: a late driver, a script that races, loses the card and says the wrong thing; the GPUs side by side"
gpus 'count=2 vfs=4' 'generation=vf late_ms=600000 empty_ms=600000 create_ms=600000'
gpu_tools
goes_wrong sriov-manage race=2 lost=1 status=3
printf '%s\n' '[gpu a]' "address = $a=10de:2235" 'vfs = all' '[gpu b]' "address = $b" 'vfs = all' > $host_ini
vgpu_ini vm1 "uuid = $(u 01)" 'type = A40-24A' 'gpu = a'
vgpu_ini vm2 "uuid = $(u 02)" 'type = NVIDIA A40-24C' "gpu = $a/3"
vgpu_ini vm3 "uuid = $(u 03)" 'type = NVIDIA A40-4Q' 'gpu = b'
boot_begin
for f in $a $b; do until_true 120 has_vfs $f 4 || fail "no VFs of $f: $(boot_log)"; done
read -r a0 a1 _ a3 <<< "$(vfs_of $a)"
read -r b0 b1 _ <<< "$(vfs_of $b)"
gpu_set late_ms 0
until_true 60 test -e $pci/"$b1"/mdev_supported_types || fail "VFs without types: $(boot_log)"
[ "$(systemctl is-active $boot_unit)" = activating ] || fail "it did not wait until there is an offer: $(boot_log)"
gpu_set empty_ms 0
until_true 60 none_left "$a1" 'NVIDIA A40-4Q' || fail "nothing is made on the first GPU: $(boot_log)"
until_true 60 none_left "$b1" 'NVIDIA A40-24A' || fail "the second GPU waits for the first: $(boot_log)"
gpu_set create_ms 0
boot_succeeds
for f in $a $b $(vfs_of $a) $(vfs_of $b); do on "$f" nvidia; done
mdev_is "$(u 01)" "$a0" 'NVIDIA A40-24A'
mdev_is "$(u 02)" "$a3" 'NVIDIA A40-24C'
mdev_is "$(u 03)" "$b0" 'NVIDIA A40-4Q'
made=$(mdev_list)
boot_does_nothing

note "one line for each wish that cannot be fulfilled; the others are"
vgpu_ini bad1 "uuid = $(u 11)" 'type = A40-8Q' 'gpu = a'
vgpu_ini bad2 "uuid = $(u 12)" 'type = A40-24Q' 'gpu = a'
vgpu_ini bad3 "uuid = $(u 13)" 'type = A40-9Q' 'gpu = b'
vgpu_ini bad4 "uuid = $(u 14)" 'type = A40-4Q' 'gpu = c'
vgpu_ini bad5 "uuid = $(u 03)" 'type = A40-4Q' 'gpu = b'
vgpu_ini bad6 "uuid = $(u 16)" 'type = A40-4Q' "gpu = $b/0"
vgpu_ini good "uuid = $(u 20)" 'type = A40-4A' "gpu = $b/1"
boot_fails vms/bad{1,2,3,4}.ini:2 vms/vm3.ini:2 vms/bad6.ini:2
boot_said "$a has vGPUs of 24576 MiB since"
boot_said "no room for another A40-24Q: $a has 2 of at most 2"
boot_said "'A40-9Q'"
boot_said "there is no GPU 'c'"
mdev_is "$(u 20)" "$b1" 'NVIDIA A40-4A'
[ "$(mdev_list | grep -v "$(u 20)")" = "$made" ] || fail "other devices than before: $(mdev_list)"
rm $vms/*.ini
for d in /sys/bus/mdev/devices/*; do put 1 "$d/remove"; done
gpus_off

note "vendor VFIO: MIG, mixed sizes; what a VM is given says where"
gpus 'count=2 vfs=4 model=0x20f1,0x2235' 'late_ms=600000 empty_ms=600000'
gpu_tools
printf '%s\n' '[gpu a]' "address = $a" 'vfs = all' 'mig = 3g.20gb 2g.10gb' '[gpu b]' "address = $b" 'vfs = all' 'mixed-sizes = yes' > $host_ini
vm vm1 0000:41:00.5
vm vm2 0000:51:00.4
vm vm3 0000:51:00.6
vm vm4 0000:51:00.7
vgpu_ini vm1 'type = NVIDIA A100-3-20C'
vgpu_ini vm2 'type = A40-4Q' 'gpu = any'
vgpu_ini vm3 'type = 562' "gpu = b"
vm4_ini 4s
boot_begin
for f in $a $b; do until_true 120 has_vfs $f 4 || fail "no VFs of $f: $(boot_log)"; done
gpu_set late_ms 0
gpu_set empty_ms 0
boot_succeeds
reads $pci/0000:41:00.5/nvidia/current_vgpu_type 476
reads $pci/0000:51:00.4/nvidia/current_vgpu_type 560
reads $pci/0000:51:00.6/nvidia/current_vgpu_type 562
reads $pci/0000:51:00.7/nvidia/current_vgpu_type 0
[ "$(sort -n $pci/$a/play/instances | tr '\n' ' ')" = '9 14 ' ] || fail "GPU instances: $(cat $pci/$a/play/instances)"
boot_does_nothing

note "create = start: not while a process has the VF's node open, nor while the driver refuses"
vf=0000:51:00.7
node=/dev/vfio/$(basename "$(readlink $pci/$vf/iommu_group)")
hook vm4 prepare begin || fail "prepare: $(journal | tail -n 3)"
reads $pci/$vf/nvidia/current_vgpu_type 558
hold "$node"
hook vm4 release end
reads $pci/$vf/nvidia/current_vgpu_type 558
systemctl stop holder
hook vm4 release end
reads $pci/$vf/nvidia/current_vgpu_type 0
vm4_ini 60s
hook vm4 prepare begin || fail "prepare: $(journal | tail -n 3)"
systemd-run -q --unit=user qemu-system-x86_64 -nodefaults -display none -machine q35 -m 16 -S -device vfio-pci,host=$vf
until_true 120 in_use || fail "QEMU does not open the VF: $(journalctl -q -u user -o cat | tail -n 1)"
gpu_set busy_ms 600000
systemctl stop user
hook vm4 release end & release=$!
until_true 60 grep -q '^back' $state/ledger/* || fail "release does not begin: $(journal | tail -n 3)"
reads $pci/$vf/nvidia/current_vgpu_type 558
gpu_set busy_ms 0
wait $release
reads $pci/$vf/nvidia/current_vgpu_type 0

note "one GPU fails, the other does not"
for f in 0000:41:00.5 0000:51:00.4 0000:51:00.6; do put 0 $pci/$f/nvidia/current_vgpu_type; done
for f in $a $b; do /usr/lib/nvidia/sriov-manage -d $f || fail "sriov-manage -d $f"; done
printf '%s\n' '[gpu a]' "address = $a=10de:2235" 'vfs = all' '[gpu b]' "address = $b" 'vfs = all' > $host_ini
boot_fails 'host.ini:2: [gpu a]' vms/vm1.ini:2 vms/vm2.ini:2
boot_said "$a is 10de:20f1, not 10de:2235"
boot_said "$b has vGPUs of 8192 MiB since [vgpu a] of vms/vm3.ini"
reads $pci/0000:51:00.6/nvidia/current_vgpu_type 562
[ -z "$(vfs_of $a)" ] || fail "VFs on another card than the one that was meant: $(vfs_of $a)"
rm $vms/*.ini $host_ini
for name in vm1 vm2 vm3 vm4; do virsh -q undefine $name; done
gpus_off
systemctl stop $boot_unit
after
