#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# early-bench.sh - initramfs images with early, with what people use today, and with neither, for early-bench
#
# early-bench.sh ROOT SUITE.tar OUT     LAB_DRIVERCTL: a folder with driverctl's sources, for its dracut module
#
# Makes in the folder OUT an image for each row: tools.plain, tools.ids, tools.early and the same for dracut.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=early-root.sh
. "$here/early-root.sh"

ids="options vfio-pci ids=1234:1111,8086:293e"
tools()
{
	inside update-initramfs -c -k "$release" > /dev/null
	mv "$root/boot/initrd.img-$release" "$out/tools.$1"
}
hostonly()
{
	dracut --hostonly --no-hostonly-cmdline "${@:2}" /boot/i
	mv "$root/boot/i" "$out/dracut.$1"
}

tools plain
hostonly plain

printf '%s\n' "$ids" 'softdep bochs pre: vfio-pci' 'softdep snd_hda_intel pre: vfio-pci' > "$root/etc/modprobe.d/vfio.conf"
echo vfio_pci >> "$root/etc/initramfs-tools/modules"
tools ids
hostonly ids --force-drivers vfio-pci
rm "$root/etc/modprobe.d/vfio.conf"
sed -i '/vfio_pci/d' "$root/etc/initramfs-tools/modules"

if [ -n "${LAB_DRIVERCTL:-}" ]; then
	mkdir -p "$root/usr/lib/dracut/modules.d/89driverctl" "$root/etc/driverctl.d"
	cp "$LAB_DRIVERCTL/module-setup.sh" "$root/usr/lib/dracut/modules.d/89driverctl/"
	install -m 755 "$LAB_DRIVERCTL/driverctl" "$root/usr/sbin/"
	cp "$LAB_DRIVERCTL/05-driverctl.rules" "$LAB_DRIVERCTL/89-vfio-uio.rules" "$root/usr/lib/udev/rules.d/"
	install -m 755 "$LAB_DRIVERCTL/vfio_name" "$root/usr/lib/udev/"
	sed 's|@[A-Z]*SBINDIR@|/usr/sbin|' "$LAB_DRIVERCTL/driverctl@.service" > "$root/usr/lib/systemd/system/driverctl@.service"
	echo vfio-pci | tee "$root/etc/driverctl.d/pci-0000:03:00.0" > "$root/etc/driverctl.d/pci-0000:03:00.1"
	hostonly driverctl
	rm -r "$root/usr/lib/dracut/modules.d/89driverctl" "$root/etc/driverctl.d"
fi

install_suite > /dev/null
tools early
hostonly early
