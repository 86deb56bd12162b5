#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fake.sh - what is counted on the fake kernel: devices and vGPUs; runs inside of it
#
# usage: fake.sh devices|vgpus|early [all]; below /bench stand this file, count.sh, the profiles' folder and what is read.
# With "all" not only what is counted at every check.
set -eu
all=${2:-}
# shellcheck disable=SC2034 # for count.sh
profiles=/bench/profiles
# shellcheck source=count.sh
. /bench/count.sh
hook=/etc/libvirt/hooks/virt-handoff/qemu

case $1 in
devices)
	count qemu.prepare-2-functions-10-forwards $hook bench prepare begin - < /bench/vm.xml
	count qemu.release-2-functions $hook bench release end - < /bench/vm.xml
	[ -n "$all" ] || exit 0
	$hook bench prepare begin - < /bench/vm.xml
	count virt-handoff.undo-2-functions /usr/sbin/virt-handoff undo bench
	;;
vgpus)
	/usr/lib/nvidia/sriov-manage -e ALL
	count boot.64-vgpus /usr/libexec/virt-handoff/boot
	count boot.64-vgpus-there-already /usr/libexec/virt-handoff/boot
	[ -z "$all" ] || ends=013 count virt-handoff.repair-64-vgpus /usr/sbin/virt-handoff repair
	;;
early)
	count early.2-functions /helpers/early
	count late.2-functions /helpers/late
	;;
esac
