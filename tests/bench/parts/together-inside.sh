#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# together-inside.sh - eight VMs are started or stopped, at once or one after the other; on the fake kernel
#
# usage: together-inside.sh pairs PAIRS, which times it, or at-once|in-turn OPERATION SUB-OPERATION; below /bench are pairs
# and vm1.xml to vm8.xml
set -eu
hook=/etc/libvirt/hooks/qemu.d/50-virt-handoff
me=(/bin/bash /bench/together-inside.sh)

# one N OPERATION SUB-OPERATION
one() { $hook "vm$1" "$2" "$3" - < "/bench/vm$1.xml"; }

case $1 in
pairs)
	[ ! -x /usr/lib/nvidia/sriov-manage ] || /usr/lib/nvidia/sriov-manage -e ALL
	/bench/pairs -n "$2" "${me[@]}" at-once prepare begin -- "${me[@]}" in-turn release end -- \
		"${me[@]}" in-turn prepare begin -- "${me[@]}" in-turn release end
	;;
in-turn) for n in 1 2 3 4 5 6 7 8; do one $n "$2" "$3"; done ;;
at-once)
	pids=()
	for n in 1 2 3 4 5 6 7 8; do
		one $n "$2" "$3" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	;;
esac
