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

# gpus "CARDS" "DRIVER" - the lab's GPUs, and the driver that udev loads for them: parameters of the modules
gpus()
{
	local card
	# as NVIDIA's own package does, because nouveau would have the card first
	printf '%s\n' 'blacklist nouveau' ${2:+"options nvidia $2"} > /etc/modprobe.d/lab-nvidia.conf
	udevadm control --reload	# it looks for other options every 3 s only
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
