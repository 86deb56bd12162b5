#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dispatcher.sh - the hook that most guides install: runs what stands below qemu.d/VM/OPERATION/SUB-OPERATION beside it
#
# usage: dispatcher.sh VM OPERATION SUB-OPERATION EXTRA, as libvirt calls it
set -e
folder=${0%/*}/qemu.d/$1/$2/$3
[ -d "$folder" ] || exit 0
while read -r script; do
	"$script" "$@"
done < <(find -L "$folder" -maxdepth 1 -type f -executable)
