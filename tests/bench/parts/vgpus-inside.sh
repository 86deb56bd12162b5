#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vgpus-inside.sh - times the ways to make vGPUs, in the sandbox with the fake kernel; prints a line for each
#
# usage: vgpus-inside.sh VGPUS PAIRS [MS]; with MS each creation takes so long. Below /bench stand pairs, rc.local,
# mdevctl-start.sh and remove-mdevs.sh. Lines: "rc pairs's answer", "mdevctl ...", "processes boot rc.local mdevctl"
set -eu
n=$1 pairs=$2 ms=${3:-}
boot=/usr/libexec/virt-handoff/boot
undo=(/bin/sh /bench/remove-mdevs.sh "$n")
started=()

# the number of the last process in this namespace: no process is needed to read it
last_pid() { read -r _ _ _ _ last < /proc/loadavg; }

# count COMMAND... - processes and threads that it starts, itself among them
count() {
	local begin
	last_pid
	begin=$last
	"$@" > /dev/null 2>&1
	last_pid
	started+=($((last - begin)))
	"${undo[@]}"
}

/usr/lib/nvidia/sriov-manage -e ALL
[ -z "$ms" ] || echo "make * $ms" > /fake/control
if [ -z "$ms" ]; then
	count $boot
	count /bin/sh /bench/rc.local
	! command -v mdevctl > /dev/null || count /bin/bash /bench/mdevctl-start.sh
	echo "processes ${started[*]}"
fi
echo "rc $(/bench/pairs -n "$pairs" $boot -- "${undo[@]}" -- /bin/sh /bench/rc.local -- "${undo[@]}" 2> /dev/null)"
command -v mdevctl > /dev/null || exit 0
echo "mdevctl $(/bench/pairs -n "$pairs" $boot -- "${undo[@]}" -- /bin/bash /bench/mdevctl-start.sh -- "${undo[@]}" 2> /dev/null)"
