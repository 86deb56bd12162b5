#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vgpus.sh - input of tests/docs/seeds: vGPUs started with mdevctl
mdevctl types
mdevctl start -u 00000000-0000-0000-0000-000000000100 -p 0000:31:00.4 --type nvidia-565
mdevctl start --uuid=00000000-0000-0000-0000-000000000101 --parent=0000:31:00.5 --type=nvidia-565
mdevctl define --auto -u 00000000-0000-0000-0000-000000000100
mdevctl list -d
qm set 100 --hostpci0 0000:31:00.4,mdev=nvidia-565
