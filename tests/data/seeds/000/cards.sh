#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cards.sh - input of tests/docs/seeds: all eight cards to VFIO, by hand
systemctl stop nvidia-persistenced
modprobe -r nvidia_drm nvidia_modeset nvidia_uvm
modprobe -r snd_hda_intel
modprobe vfio-pci

echo vfio-pci > /sys/bus/pci/devices/0000:11:00.0/driver_override
echo 0000:11:00.0 > /sys/bus/pci/drivers/vfio-pci/bind
echo vfio-pci > /sys/bus/pci/devices/0000:11:00.1/driver_override
echo 0000:11:00.1 > /sys/bus/pci/drivers/vfio-pci/bind

for bus in 21 41 61 81 a1 c1 e1; do
	for function in 0 1; do
		echo "0000:$bus:00.$function" > "/sys/bus/pci/devices/0000:$bus:00.$function/driver/unbind"
		echo vfio-pci > "/sys/bus/pci/devices/0000:$bus:00.$function/driver_override"
		echo "0000:$bus:00.$function" > /sys/bus/pci/drivers/vfio-pci/bind
	done
done
lspci -nnk -d 10de:
