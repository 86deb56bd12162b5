#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mdevctl-start.sh - what udev does at boot with mdevctl's rule: one start-parent-mdevs for each parent, side by side
set -eu
for parent in /etc/mdevctl.d/0*; do
	mdevctl start-parent-mdevs "${parent##*/}" &
done
wait
