# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu.sh - what the lab's tests of vGPUs use: the lab's GPUs, their driver and tools; modules/README.md says what is played
#
# Runs in the lab, behind lib.sh and in front of the test.

# --- real --------------------------------------------------------------------------------------------------------------

on_driver() { [ "$(driver "$1")" = "$2" ]; }	# on_driver ADDRESS DRIVER, for until_true

# vfs_of PF - the addresses of its VFs, in the order of their index
vfs_of()
{
	local n=0 list=()
	while [ -e "$pci/$1/virtfn$n" ]; do
		list+=("$(basename "$(readlink "$pci/$1/virtfn$n")")")
		n=$((n + 1))
	done
	echo "${list[*]}"
}

# no_write TEXT FILE ERROR - the kernel refuses this write with this error
no_write()
{
	local said
	said=$( (printf '%s\n' "$1" > "$2") 2>&1) && fail "'$1' was written to $2"
	[[ $said = *"$3"* ]] || fail "'$1' > $2: '$said', expected '$3'"
}
written() { (printf '%s\n' "$1" > "$2") 2> /dev/null; }		# written TEXT FILE, for until_true
put() { printf '%s\n' "$1" > "$2" || fail "'$1' > $2"; }	# put TEXT FILE
reads() { [ "$(cat "$1")" = "$2" ] || fail "$1 is '$(cat "$1")', expected '$2'"; }	# reads FILE TEXT

mdev_uuid() { cat /proc/sys/kernel/random/uuid; }
mdev_remove() { put 1 "/sys/bus/mdev/devices/$1/remove"; }	# mdev_remove UUID
mdev_types() { echo "$pci/$1/mdev_supported_types"; }		# mdev_types ADDRESS - the folder

# mdev_type ADDRESS NAME - the folder of the type of this name
mdev_type() { dirname "$(grep -lxF -- "$2" "$(mdev_types "$1")"/*/name)"; }

# mdev_vm NAME UUID - define a VM with this mdev
mdev_vm()
{
	vm "$1"
	virsh -q attach-device --config "$1" /dev/stdin <<-XML || fail "virsh attach-device '$1'"
		<hostdev mode='subsystem' type='mdev' model='vfio-pci' display='off'><source><address uuid='$2'/></source></hostdev>
	XML
}

# --- played ------------------------------------------------------------------------------------------------------------

gpu() { printf '0000:%02x:00.0' $((0x41 + 0x10 * $1)); }	# gpu NUMBER - its address

# gpus "CARDS" "DRIVER" - the lab's GPUs, and the driver that takes them: parameters of the modules
gpus()
{
	local card
	# as NVIDIA's own package does, because nouveau would have the card first
	printf '%s\n' 'blacklist nouveau' ${2:+"options nvidia $2"} > /etc/modprobe.d/lab-nvidia.conf
	udevadm control --reload	# it looks for other options every 3 s only
	modprobe nvidia || fail "modprobe nvidia"	# a udev that is busy with the last cards has the last options nevertheless
	# shellcheck disable=SC2086 # words are wanted
	modprobe lab-gpus $1 || fail "modprobe lab-gpus $1"
	for card in "$pci"/0000:[4-b]1:00.0; do
		until_true 60 on_driver "${card##*/}" nvidia || fail "${card##*/} is on driver '$(driver "${card##*/}")'"
	done
}

# Without both: no card, no driver, no file of ours
gpus_off()
{
	modprobe -r nvidia || fail "modprobe -r nvidia"
	modprobe -r pci-pf-stub
	modprobe -r lab-gpus || fail "modprobe -r lab-gpus"
	rm -rf /etc/modprobe.d/lab-nvidia.conf /etc/lab /run/lab /usr/lib/nvidia /usr/bin/nvidia-smi
}

# gpu_set PARAMETER VALUE - of the running driver: late_ms empty_ms create_ms busy_ms lose
gpu_set() { put "$2" "/sys/module/nvidia/parameters/$1"; }

# gpu_tools - sriov-manage and nvidia-smi, at their usual places
gpu_tools()
{
	install -D -m 0755 /usr/local/share/lab/sriov-manage /usr/lib/nvidia/sriov-manage
	install -m 0755 /usr/local/share/lab/nvidia-smi /usr/bin/nvidia-smi
}

# goes_wrong TOOL LINE... - see the top of the tool; no line: nothing does
goes_wrong()
{
	local tool=$1
	shift
	mkdir -p /etc/lab
	printf '%s\n' "$@" > "/etc/lab/$tool"
	rm -rf /run/lab
}

vgpu_offers() { sed 's/^[0-9]* *: //; 1d' "$pci/$1/nvidia/creatable_vgpu_types"; }	# vgpu_offers VF - names
vgpu_id()	# vgpu_id VF NAME - the number of a type that is on offer
{
	sed -n "s/^\([0-9]*\) *: $2\$/\1/p" "$pci/$1/nvidia/creatable_vgpu_types" | grep . || fail "$1 does not offer $2"
}

# --- the suite's unit -------------------------------------------------------------------------------------------------

boot_unit=virt-handoff-boot.service
# shellcheck disable=SC2034 # for the tests
host_ini=/etc/virt-handoff/host.ini

# The leak sanitizer looks at its own process with ptrace, and waits for ever where the unit's filter does not let it.
boot_sanitized()
{
	[ "$(installed)" = sanitizers ] || return 0
	mkdir -p /run/systemd/system/$boot_unit.d
	printf '%s\n' '[Service]' 'SystemCallFilter=ptrace' > /run/systemd/system/$boot_unit.d/lab.conf
	systemctl daemon-reload
}

# boot_begin - start the unit anew, and do not wait: boot_succeeds does; what it says is looked up from here
boot_begin() { boot_sanitized; boot_mark=$(date +%s.%N); systemctl restart --no-block $boot_unit; }
boot_ended() { [ -z "$(systemctl list-jobs --no-legend $boot_unit)" ]; }
boot_succeeds() { { until_true 300 boot_ended && systemctl is-active -q $boot_unit; } || fail "the unit failed: $(boot_log)"; }
boot_run() { boot_sanitized; boot_mark=$(date +%s.%N); systemctl restart $boot_unit; }
boot_log() { journalctl -q -o cat --no-pager -t boot --since "@$boot_mark" "$@"; }
boot_said() { boot_log | grep -qF -- "$*" || fail "the unit does not say '$*': $(boot_log | tail -n 8)"; }

# boot_does - it succeeds
boot_does() { boot_run || fail "the unit failed: $(boot_log)"; }

# boot_does_nothing - as after a boot that went well
boot_does_nothing()
{
	boot_does
	[ -z "$(boot_log)" ] || fail "the unit has done something: $(boot_log)"
}

# boot_fails FILE:LINE... - it fails, with one line of error for each of these, in any order, and no other
boot_fails()
{
	local at
	boot_run && fail "the unit has success: $(boot_log)"
	systemctl reset-failed $boot_unit
	for at in "$@"; do
		[ "$(boot_log -p err | grep -cF -- "$at")" = 1 ] || fail "not one line of error about $at: $(boot_log)"
	done
	[ "$(boot_log -p err | wc -l)" = $# ] || fail "$(boot_log -p err | wc -l) lines of error, expected $#: $(boot_log -p err)"
}

# vgpu_ini NAME LINE... - the VM's INI file: one section [vgpu a]
vgpu_ini()
{
	local name=$1
	shift
	{ echo '[vgpu a]'; printf '%s\n' "$@"; } > "$vms/$name.ini"
}

mdev_list() { (cd /sys/bus/mdev/devices && ls -1i); }	# another inode is another device
mdev_is()	# mdev_is UUID PARENT TYPE-NAME
{
	local at=/sys/bus/mdev/devices/$1
	[ -e "$at" ] || fail "the mediated device $1 is not there: $(boot_log)"
	[ "$(basename "$(dirname "$(readlink -f "$at")")")" = "$2" ] || fail "$1 is on $(readlink -f "$at"), expected $2"
	reads "$at/mdev_type/name" "$3"
}
