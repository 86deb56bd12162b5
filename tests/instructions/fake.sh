#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fake.sh - what is counted on the fake kernel: devices and vGPUs; runs inside of it
#
# usage: fake.sh devices|vgpus|early; below /bench stand this file, count.sh, the profiles' folder and what is read
set -eu
profiles=/bench/profiles
. /bench/count.sh
hook=/etc/libvirt/hooks/virt-handoff/qemu

case $1 in
devices)
	count qemu.prepare-2-functions-10-forwards $hook bench prepare begin - < /bench/vm.xml
	count qemu.release-2-functions $hook bench release end - < /bench/vm.xml
	;;
vgpus)
	/usr/lib/nvidia/sriov-manage -e ALL
	count boot.64-vgpus /usr/libexec/virt-handoff/boot
	count boot.64-vgpus-there-already /usr/libexec/virt-handoff/boot
	;;
early)
	count early.2-functions /helpers/early
	count late.2-functions /helpers/late
	;;
esac
