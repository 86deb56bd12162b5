#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# card.sh - input of tests/docs/seeds: one card to VFIO, by hand
modprobe vfio-pci
echo 0000:01:00.0 > /sys/bus/pci/devices/0000:01:00.0/driver/unbind
echo vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override
echo 0000:01:00.0 > /sys/bus/pci/drivers/vfio-pci/bind
dmesg | grep -i vfio
