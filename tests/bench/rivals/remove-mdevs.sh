#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# remove-mdevs.sh - all mediated devices go, so that the next way can make them; fails unless there were N
#
# usage: remove-mdevs.sh N
set -eu
n=0
for m in /sys/bus/mdev/devices/*; do
	echo 1 > "$m/remove"
	n=$((n + 1))
done
[ $n -eq "$1" ]
