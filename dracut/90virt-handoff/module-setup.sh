#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# module-setup.sh - puts early, its list and the VFIO modules of the list into the initramfs; nothing when there is no list

list=/var/lib/virt-handoff/early.list

check()
{
	# shellcheck disable=SC2154 # dracut's
	[[ -s $dracutsysrootdir$list ]] || return 255
}

depends()
{
	echo udev-rules
}

# Whatever drives the cards while the image is made: hostonly would leave VFIO out.
installkernel()
{
	local module

	# ADDRESS VENDOR:DEVICE DRIVER MODULE; a module that is built in, or that this kernel has not, is passed over
	while read -r _ _ _ module _; do
		hostonly='' instmods "$module"
	done < <(grep -v '^#' "$dracutsysrootdir$list")
}

# Before udev starts: nothing has loaded a driver yet.
install()
{
	inst_simple $list
	inst_binary /usr/libexec/virt-handoff/early
	# shellcheck disable=SC2154 # dracut's
	inst_hook pre-udev 10 "$moddir/virt-handoff.sh"
}
