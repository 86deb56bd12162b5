#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cards.sh - inside the fake kernel with vgpus.machine: what no real kernel can be asked, NVIDIA's files and tools, delays
set -u
pci=/sys/bus/pci/devices a40=0000:11:00.0 l40s=0000:41:00.0 a30=0000:a1:00.0
uuid=6f5b2a0e-52a1-4b55-9d0c-00000000000 # and a digit
good=0 all=0

check() { # check WHAT COMMAND... - it succeeds
	local what=$1
	shift
	all=$((all + 1))
	if "$@" > /tmp/out 2>&1; then good=$((good + 1)); else echo "not ok cards: $what: $(tail -n 1 /tmp/out)"; fi
}
answers() { # answers ERROR VALUE FILE - the write is refused with this error, "" taken
	local said
	said=$( (printf %s "$2" > "$3") 2>&1)
	[ -z "$1" ] && [ -z "$said" ] && return
	[ -n "$1" ] && [[ $said = *"$1"* ]] && return
	echo "'$2' > $3: '$said', not '$1'"
	return 1
}
reads() { [ "$(cat "$1")" = "$2" ] || { echo "$1 reads $(cat "$1"), not $2"; return 1; }; } # FILE TEXT
tell() { printf %s "$*" > /fake/control; }
ms() { date +%s%3N; }

# --- sriov-manage -------------------------------------------------------------------------
manage=/usr/lib/nvidia/sriov-manage
tell errors proc/driver/nvidia/gpus/$l40s/unbindLock 1 EAGAIN
check 'no lock, no functions' eval "! $manage -e $l40s && [ ! -e $pci/$l40s/virtfn0 ]"
tell errors sys/bus/pci/drivers/nvidia/bind 1 ENODEV
check 'the card is left without a driver, and the status is 0' eval "$manage -e $l40s && [ ! -e $pci/$l40s/driver ]"
check 'no types without a driver of the card' [ ! -e $pci/0000:41:00.4/nvidia ]
check 'the card gets its driver' answers '' $l40s /sys/bus/pci/drivers/nvidia/bind
check 'functions have its types then' [ -e $pci/0000:41:00.4/nvidia/current_vgpu_type ]
echo 7 > /units/sriov-manage
check 'the status that was asked for, and done' eval "$manage -e $a40; [ \$? = 7 ] && [ -e $pci/$a40/virtfn3 ]"
rm /units/sriov-manage

# --- NVIDIA's vendor files ------------------------------------------------------------------
vf=$pci/0000:41:00.4/nvidia second=$pci/0000:41:00.5/nvidia
check 'no placement without a type' eval "! cat $vf/placement_id"
check 'no such type' answers 'Invalid argument' 7 $vf/current_vgpu_type
check 'a type' answers '' 1149 $vf/current_vgpu_type
check 'it reads back' reads $vf/current_vgpu_type 1149
check 'not one over another' answers 'resource busy' 1147 $vf/current_vgpu_type
check 'another size' answers 'Input/output error' 1147 $second/current_vgpu_type
check 'the list has that size only' eval "! grep -q -- -12Q $second/creatable_vgpu_types && grep -q -- -24C $second/creatable_vgpu_types"
check 'a second one' answers '' 1156 $second/current_vgpu_type
check 'a full card has an empty list' [ "$(wc -l < $pci/0000:41:00.6/nvidia/creatable_vgpu_types)" = 1 ]
tell linger $l40s 0
tell hold 0000:41:00.4
check 'not while a VM has it' answers 'resource busy' 0 $vf/current_vgpu_type
tell let-go 0000:41:00.4
check 'not at once after the VM' answers 'resource busy' 0 $vf/current_vgpu_type
tell release $l40s
check 'some time after the VM' answers '' 0 $vf/current_vgpu_type

# --- mediated devices -----------------------------------------------------------------------
type=mdev_supported_types/nvidia-557
t4=$pci/0000:61:00.0/mdev_supported_types/nvidia-226
tell make $a40 0
printf %s ${uuid}4 > $pci/0000:11:00.4/$type/create &
while [ ! -e /sys/bus/mdev/devices/${uuid}4 ]; do sleep 0.02; done
check 'another card does not wait' timeout 60 sh -c "echo ${uuid}1 > $t4/create"
check 'a UUID that is being made' answers 'File exists' ${uuid}4 $t4/create
check 'it is not made yet' [ ! -e /sys/bus/mdev/devices/${uuid}4/mdev_type ]
tell release $a40
wait
check 'it is made' [ -e /sys/bus/mdev/devices/${uuid}4/mdev_type ]
tell make $a40 100
begin=$(ms)
for i in 5 6; do printf %s $uuid$i > $pci/0000:11:00.$i/$type/create & done
wait
check 'one card makes one after another' [ $(($(ms) - begin)) -ge 200 ]
check 'both are made' [ -e /sys/bus/mdev/devices/${uuid}5/mdev_type -a -e /sys/bus/mdev/devices/${uuid}6/mdev_type ]
tell hold ${uuid}1
(echo 1 > /sys/bus/mdev/devices/${uuid}1/remove; touch /tmp/removed) &
while [ -e /sys/bus/mdev/devices/${uuid}1/remove ]; do sleep 0.02; done
check 'remove waits for the VM' [ -e /sys/bus/mdev/devices/${uuid}1 -a ! -e /tmp/removed -a ! -e /sys/bus/mdev/devices/${uuid}1/mdev_type ]
tell let-go ${uuid}1
wait
check 'and ends then' [ -e /tmp/removed -a ! -e /sys/bus/mdev/devices/${uuid}1 ]

# --- nvidia-smi -----------------------------------------------------------------------------
smi() { nvidia-smi "$1" -i "$2" "${@:3}"; }
$manage -e $a30 > /dev/null
check 'a card without MIG' eval "nvidia-smi -i $a40 -mig 1; [ \$? = 3 ]"
check 'MIG mode' nvidia-smi -i $a30 -mig 1
check 'no instances yet' eval "smi mig $a30 -lgi; [ \$? = 6 ]"
check 'instances' smi mig $a30 -cgi 2g.12gb,2g.12gb -C
check 'no room for more' eval "smi mig $a30 -cgi 4g.24gb -C; [ \$? = 23 ]"
check 'a type of an instance' reads $pci/0000:a1:00.4/mdev_supported_types/nvidia-700/available_instances 1
check 'no other types in MIG mode' reads $pci/0000:a1:00.4/mdev_supported_types/nvidia-689/available_instances 0
check 'no mixed sizes while there are vGPUs' eval "smi vgpu $a40 -shm 1; [ \$? = 19 ]"
check 'instances go when the card is taken from its driver' eval "echo $a30 > /sys/bus/pci/drivers/nvidia/unbind; grep -q '$a30.*mig=on instances=none' /fake/cards"

[ $good = $all ] && verdict=ok || verdict='not ok'
echo "$verdict cards: $good of $all"
[ $good = $all ]
