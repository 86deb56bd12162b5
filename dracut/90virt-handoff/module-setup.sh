#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# module-setup.sh - puts early and its list into the initramfs; nothing when there is no list

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

# Before udev starts: nothing has loaded a driver yet.
install()
{
	inst_simple $list
	inst_binary /usr/libexec/virt-handoff/early
	# shellcheck disable=SC2154 # dracut's
	inst_hook pre-udev 10 "$moddir/virt-handoff.sh"
}
