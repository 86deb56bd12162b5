#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# devices-inside.sh - times the hook's whole prepare against what others do, in the sandbox with the fake kernel
#
# usage: devices-inside.sh script|dispatcher|python PAIRS ADDRESS...; below /bench stand pairs, the rivals and vm.xml
set -eu
rival=$1 pairs=$2
shift 2
hook=/etc/libvirt/hooks/qemu.d/50-virt-handoff
prepare=(bench prepare begin -) release=(bench release end -)
case $rival in
script) take=(/bin/bash /bench/bind.sh vfio-pci "$@") back=(/bin/bash /bench/bind.sh '' "$@") ;;
dispatcher) take=(/bench/dispatcher.sh "${prepare[@]}") back=(/bench/dispatcher.sh "${release[@]}") ;;
python) take=(/bench/json-hook.py "${prepare[@]}") back=(/bench/json-hook.py "${release[@]}") ;;
esac
/bench/pairs -n "$pairs" -i /bench/vm.xml $hook "${prepare[@]}" -- $hook "${release[@]}" -- "${take[@]}" -- "${back[@]}"
