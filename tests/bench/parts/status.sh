#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# status.sh - virt-handoff status on a folder that is a host with many VMs, against ls of all driver links
set -eu
. "$here/lib.sh"
ctl=$BUILD/helpers/virt-handoff

# rows VMS VGPUS PAIRS - 4,096 PCI functions; two of them and ten forwards for each VM
rows() {
	local form result a b low mid high n kb options
	rm -rf "$work/crowd"
	mkdir "$work/crowd"
	"$bench/crowd" "$work/crowd" "$1" "$2" 4096
	for form in table json prometheus; do
		case $form in table) options=() ;; *) options=("--$form") ;; esac
		result=$("$bench/pairs" -n "$3" /bin/sh -c 'ls -l "$0"/sys/bus/pci/devices/*/driver' "$work/crowd" -- -- \
			"$ctl" --root "$work/crowd" status "${options[@]}" -- 2> /dev/null)
		read -r a b low mid high n _ kb <<< "${result:?what was timed has failed}"
		read -r a b low mid high <<< "$(digits "$a" "$b" "$low" "$mid" "$high")"
		row "$1" "$2" "$form" "$b ms" "$kb kB" "$a ms" "**$mid** ($low to $high)" "$n"
	done
}

head_row VMs vGPUs form 'status' 'resident at most' '`ls`' 'ls / status' pairs
rows 1 4 20
rows 16 64 20
rows 64 256 20
rows 256 1024 10
rows 1024 1024 5
