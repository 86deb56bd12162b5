#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# devices-inside.sh - times the hook's whole prepare against the shell script, in the sandbox with the fake kernel
#
# usage: inside.sh PAIRS ADDRESS...; below /bench stand pairs, bind.sh and vm.xml
set -eu
pairs=$1
shift
hook=/etc/libvirt/hooks/qemu.d/50-virt-handoff
/bench/pairs -n "$pairs" -i /bench/vm.xml \
	$hook bench prepare begin - -- $hook bench release end - -- \
	/bin/bash /bench/bind.sh vfio-pci "$@" -- /bin/bash /bench/bind.sh '' "$@"
