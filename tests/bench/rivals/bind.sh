#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bind.sh - the shell hook of the guides: unbind, override, probe for each function; no checks, no way back after a crash
#
# usage: bind.sh DRIVER ADDRESS...; DRIVER "" gives back
driver=$1
shift
for address in "$@"; do
	device=/sys/bus/pci/devices/$address
	echo "$driver" > "$device/driver_override"
	[ -e "$device/driver" ] && echo "$address" > "$device/driver/unbind"
	echo "$address" > /sys/bus/pci/drivers_probe
done
