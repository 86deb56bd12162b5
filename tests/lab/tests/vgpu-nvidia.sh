# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu-nvidia.sh - the played NVIDIA driver and its tools behave as the notes about the real ones say
# time: 75
manage=/usr/lib/nvidia/sriov-manage
pf=$(gpu 0) pf2=$(gpu 1)
before
gpu_tools

vf_types() { vgpu_offers "$1" | tr '\n' ','; }
current() { cat "$pci/$1/nvidia/current_vgpu_type"; }
set_type() { put "$2" "$pci/$1/nvidia/current_vgpu_type"; }	# set_type VF ID
no_type() { no_write "$2" "$pci/$1/nvidia/current_vgpu_type" "$3"; }
offers() { [ "$(vf_types "$1")" = "$2" ] || fail "$1 offers '$(vf_types "$1")', expected '$2'"; }
manages() { $manage "$@" > /tmp/manage 2>&1 || fail "sriov-manage $*: status $?: $(cat /tmp/manage)"; }
smi() { nvidia-smi "$@" > /tmp/smi 2>&1; }
smis() { smi "$@" || fail "nvidia-smi $*: status $?: $(cat /tmp/smi)"; }
smi_fails() { smi "${@:2}"; [ $? = "$1" ] || fail "nvidia-smi ${*:2} did not fail with $1: $(cat /tmp/smi)"; }
in_use() { [ "$(systemctl is-active user)" = active ] && ls -l "/proc/$(systemctl show -P MainPID user)/fd" | grep -q 'vfio-device'; }
left() { cat "$(mdev_type "$1" "$2")/available_instances"; }	# left ADDRESS NAME
lefts() { [ "$(left "$1" "$2")" = "$3" ] || fail "$1 has $(left "$1" "$2") of $2, expected $3"; }

note "vendor VFIO: VFs come by sriov-manage only"
gpus 'count=2 vfs=4' 'late_ms=600000 empty_ms=600000'
no_write 4 $pci/$pf/sriov_numvfs 'No such file or directory'
manages -e $pf
read -r v1 v2 v3 v4 <<< "$(vfs_of $pf)"
[ "$v1 $v4" = '0000:41:00.4 0000:41:00.7' ] || fail "VFs: $(vfs_of $pf)"
[ -z "$(vfs_of $pf2)" ] || fail "VFs of another card: $(vfs_of $pf2)"
for f in $pf $v1 $v2 $v3 $v4; do on $f nvidia; done
manages -e $pf

note "the files come late, and then nothing is on offer yet"
[ ! -e $pci/$v1/nvidia ] || fail "the files are there at once"
gpu_set late_ms 0
for f in $v1 $v2 $v3 $v4; do until_true 60 test -e "$pci/$f/nvidia/placement_id" || fail "no files on $f"; done
[ "$(cat $pci/$v1/nvidia/creatable_vgpu_types)" = 'ID    : vGPU Name' ] || fail "on offer: $(vgpu_offers $v1)"
no_type $v1 575 'Input/output error'
gpu_set empty_ms 0
[ "$(vgpu_offers $v1 | wc -l)" = 16 ] || fail "on offer: $(vgpu_offers $v1)"

note "the list shrinks; a type cannot be changed; a full card gives nothing"
id=$(vgpu_id $v1 'NVIDIA A40-24A')
cat $pci/$v1/nvidia/placement_id 2> /dev/null && fail "placement_id without a type"
set_type $v1 "$id"
reads $pci/$v1/nvidia/current_vgpu_type "$id"
offers $v1 ''
offers $v2 'NVIDIA A40-24Q,NVIDIA A40-24A,NVIDIA A40-24C,'
no_type $v1 565 'Operation not permitted'
no_type $v2 557 'Input/output error'
no_type $v2 12345 'Invalid argument'
set_type $v2 565
reads $pci/$v2/nvidia/placement_id 24
offers $v3 ''
no_type $v3 565 'Input/output error'
set_type $v2 0
reads $pci/$v2/nvidia/current_vgpu_type 0
gpu_set lose 1
set_type $v2 565
reads $pci/$v2/nvidia/current_vgpu_type 0

note "in use: not taken away, nor for a while afterwards"
gpu_set busy_ms 600000
systemd-run -q --unit=user qemu-system-x86_64 -nodefaults -display none -machine q35 -m 16 -S -device vfio-pci,host=$v1
until_true 120 in_use || fail "QEMU does not open the VF: $(journalctl -q -u user -o cat | tail -n 1)"
no_type $v1 0 'Device or resource busy'
systemctl stop user
no_type $v1 0 'Operation not permitted'
gpu_set busy_ms 0
set_type $v1 0

note "one at a time on each GPU, GPUs beside each other"
manages -e $pf2
v5=$(vfs_of $pf2 | cut -d' ' -f1)
gpu_set create_ms 600000
set_type $v1 575 & first=$!
until_true 60 eval '[ "$(current $v1)" = 575 ]' || fail "the first is not being made"
set_type $v2 575 & second=$!
set_type $v5 575 & other=$!
until_true 60 eval '[ "$(current $v5)" = 575 ]' || fail "the other GPU waits for the first"
[ "$(current $v2)" = 0 ] || fail "the second of one GPU did not wait for the first"
gpu_set create_ms 0
wait $first && wait $second && wait $other || fail "not made"
reads $pci/$v2/nvidia/current_vgpu_type 575

note "mixed sizes: not while a vGPU is there; gone with sriov-manage"
smi_fails 19 vgpu -shm 1 -i 0
set_type $v1 0
set_type $v2 0
smis vgpu -shm 1 -i 0
smis -q -i $pf
grep -q 'vGPU Heterogeneous Mode *: Enabled' /tmp/smi || fail "nvidia-smi -q: $(cat /tmp/smi)"
set_type $v1 575
set_type $v2 562
offers $v3 'NVIDIA A40-1B,NVIDIA A40-2B,NVIDIA A40-1Q,NVIDIA A40-2Q,NVIDIA A40-4Q,NVIDIA A40-8Q,NVIDIA A40-12Q,NVIDIA A40-4A,NVIDIA A40-8A,NVIDIA A40-16A,'
manages -d $pf
[ -z "$(vfs_of $pf)" ] || fail "VFs are left: $(vfs_of $pf)"
on $pf nvidia
reads $pci/$pf/play/mixed 0

note "sriov-manage goes wrong"
goes_wrong sriov-manage race=2 status=0
for _ in 1 2; do
	manages -e $pf
	grep -q 'No such device' /tmp/manage || fail "no race: $(cat /tmp/manage)"
	[ -z "$(vfs_of $pf)" ] || fail "VFs in spite of the race"
done
manages -e $pf
[ "$(vfs_of $pf | wc -w)" = 4 ] || fail "the third try: $(vfs_of $pf)"
manages -d $pf
goes_wrong sriov-manage lost=1 status=3 few=2
$manage -e $pf > /tmp/manage 2>&1
[ $? = 3 ] || fail "another status than 3"
on $pf -
[ "$(vfs_of $pf | wc -w)" = 2 ] || fail "not 2 VFs: $(vfs_of $pf)"
put $pf /sys/bus/pci/drivers/nvidia/bind
goes_wrong sriov-manage
manages -d $pf

note "who has the card open keeps it from being unbound"
[ "$(stat -c %t /dev/nvidia0)" = c3 ] || fail "/dev/nvidia0 is no device of NVIDIA"
grep -qx "Device Minor: .* 1" /proc/driver/nvidia/gpus/$pf2/information || fail "the minor of $pf2 is not 1"
hold /dev/nvidia0
$manage -e $pf > /tmp/manage 2>&1 && fail "VFs while the card is open"
grep -q 'Cannot obtain unbindLock' /tmp/manage || fail "sriov-manage says: $(cat /tmp/manage)"
put $pf $pci/$pf/driver/unbind & writer=$!
until_true 60 grep -q '^State:.*D' /proc/$writer/status || fail "unbind does not hang"
on $pf -	# the link goes first
[ -e /dev/nvidia0 ] || fail "/dev/nvidia0 is gone, although unbind hangs"
systemctl stop holder
wait $writer
[ ! -e /dev/nvidia0 ] || fail "/dev/nvidia0 is still there"
gpus_off

note "MIG: on an A100 kept by the card, on an H100 not"
gpus 'count=2 vfs=4 model=0x20f1,0x2331'
gpu_tools
smi_fails 6 mig -lgi -i 0
hold /dev/nvidia0
smis -i 0 -mig 1
smis -i 0 --query-gpu=mig.mode.current,mig.mode.pending --format=csv,noheader
[ "$(cat /tmp/smi)" = 'Disabled, Enabled' ] || fail "MIG while the card is open: $(cat /tmp/smi)"
smi_fails 19 -i 0 --gpu-reset
systemctl stop holder
smis -i 0 --gpu-reset
smis -i 1 -mig 1
smis mig -i 0 -cgi 19,1g.5gb -C
for f in $pf $pf2; do manages -e $f; done
smi_fails 6 mig -i 0 -lgi
smis --query-gpu=mig.mode.current --format=csv,noheader
[ "$(tr '\n' ' ' < /tmp/smi)" = 'Enabled Disabled ' ] || fail "MIG after sriov-manage: $(cat /tmp/smi)"
v1=$(vfs_of $pf | cut -d' ' -f1)
offers "$v1" ''
smis mig -i 0 -cgi 9,14 -C
smi_fails 19 mig -i 0 -cgi 5 -C
offers "$v1" 'NVIDIA A100-2-10C,NVIDIA A100-3-20C,'
set_type "$v1" 475
reads "$pci/$v1/nvidia/gpu_instance_id" 1
goes_wrong nvidia-smi status=7 only=-lgip
smi_fails 7 mig -lgip -i 0
smis mig -lgi -i 0
gpus_off

note "mdevs of the PF, named after the driver"
gpus 'count=1 model=0x1b38'
[ ! -e $pci/$pf/sriov_numvfs ] || fail "a P40 has VFs"
[ -e "$(mdev_types $pf)/nvidia-47" ] || fail "types: $(ls "$(mdev_types $pf)")"
lefts $pf 'GRID P40-8Q' 3
u1=$(mdev_uuid)
put "$u1" "$(mdev_type $pf 'GRID P40-12Q')/create"
lefts $pf 'GRID P40-12Q' 1
lefts $pf 'GRID P40-8Q' 0
no_write "$(mdev_uuid)" "$(mdev_type $pf 'GRID P40-8Q')/create" 'Too many users'
no_write "$u1" "$(mdev_type $pf 'GRID P40-12Q')/create" 'File exists'
put 'frame_rate_limiter=0' "/sys/bus/mdev/devices/$u1/nvidia/vgpu_params"
mdev_remove "$u1"
lefts $pf 'GRID P40-8Q' 3
gpus_off

note "mdevs of VFs, one each, named after vfio-pci; a VM runs with one, and removing it waits for the VM"
gpus 'count=1 vfs=4' 'generation=vf spelling=vfio-pci'
gpu_tools
manages -e $pf
[ ! -e "$(mdev_types $pf)" ] || fail "the PF has types"
read -r v1 v2 _ <<< "$(vfs_of $pf)"
[ -e "$(mdev_types "$v1")/vfio-pci-575" ] || fail "types: $(ls "$(mdev_types "$v1")")"
lefts "$v1" 'NVIDIA A40-4Q' 1
put "$u1" "$(mdev_type "$v1" 'NVIDIA A40-24A')/create"
lefts "$v1" 'NVIDIA A40-24A' 0
lefts "$v2" 'NVIDIA A40-24A' 1
lefts "$v2" 'NVIDIA A40-4Q' 0
no_write "$(mdev_uuid)" "$(mdev_type "$v1" 'NVIDIA A40-24A')/create" 'Too many users'
mdev_vm one "$u1"
start one
mdev_remove "$u1" & writer=$!
until_true 60 grep -q '^State:.*[DS]' /proc/$writer/status
until_true 60 grep -q vfio_unregister_group_dev /proc/$writer/stack || fail "removing an mdev in use does not wait"
destroy one
wait $writer
[ ! -e "/sys/bus/mdev/devices/$u1" ] || fail "the mdev is still there"
virsh -q undefine one
gpus_off
after
