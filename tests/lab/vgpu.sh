# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu.sh - what the lab's tests of vGPUs use: the lab's GPUs, their driver and tools; modules/README.md says what is played
#
# Runs in the lab, behind lib.sh and in front of the test.

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
