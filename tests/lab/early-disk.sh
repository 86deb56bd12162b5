#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# early-disk.sh - a disk with the suite, and initramfs images with it as initramfs-tools and dracut make them
#
# early-disk.sh ROOT SUITE.tar OUT
#
# ROOT stays as it is. Makes in the folder OUT: disk.raw; initrd.tools, initrd.dracut (generic) and initrd.hostonly, with what
# is in them, a file a line (tools.files); left.cpio and primary.cpio, other lists to be appended to an image; what was in an
# image before the suite was installed (tools.before) and after it was uninstalled (tools.after, hostonly.after); size, in
# bytes. Called by early.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=early-root.sh
. "$here/early-root.sh"

inside update-initramfs -c -k "$release"
tools_files > "$out/tools.before"

install_suite
echo "== a second time"
inside virt-handoff early update 2> /dev/null | tee "$out/update.again"
tools_files > "$out/tools.files"
dracut --hostonly --no-hostonly-cmdline /boot/initrd.hostonly
dracut_files /boot/initrd.hostonly > "$out/hostonly.files"
dracut --no-hostonly /boot/initrd.dracut
dracut_files /boot/initrd.dracut > "$out/dracut.files"
cp "$root/boot/initrd.img-$release" "$out/initrd.tools"
mv "$root/boot/initrd.hostonly" "$root/boot/initrd.dracut" "$out/"
# what of ours is in them besides the kernel's modules, packed as Debian packs an image
grep -v '/modules/' "$out/tools.files" | comm -13 "$out/tools.before" - |
	sed 's|^scripts/|usr/share/initramfs-tools/&|' > "$root/tmp/ours"
inside sh -c 'cd / && cpio --quiet -o -H newc < /tmp/ours | zstd -q -9 | wc -c' > "$out/size"

# Other lists: the kernel unpacks a second archive over the first one.
variant()
{
	mkdir -p "$root/tmp/$1/var/lib/virt-handoff"
	cat > "$root/tmp/$1/var/lib/virt-handoff/early.list"
	inside sh -c "cd /tmp/$1 && find var | cpio --quiet -o -H newc" > "$out/$1.cpio"
}
# the boot VGA, another card than there was, one that is right, one that is absent
variant left <<- LIST
	0000:01:00.0 1234:1111 vfio-pci vfio_pci
	0000:01:00.1 8086:2668 vfio-pci vfio_pci
	0000:02:00.0 1234:1112 vfio-pci vfio_pci
	0000:02:00.1 8086:293e vfio-pci vfio_pci
	0000:03:00.0 1234:1111 vfio-pci vfio_pci
	0000:03:00.1 8086:293e vfio-pci vfio_pci
	0000:07:00.0 1234:1111 vfio-pci vfio_pci
LIST
variant primary <<- LIST
	0000:01:00.0 1234:1111 vfio-pci vfio_pci primary
	0000:01:00.1 8086:2668 vfio-pci vfio_pci primary
LIST

umount "$root/sys" "$root/tmp" "$root/dev" "$root/proc"
truncate -s 4G "$out/disk.raw"
mke2fs -q -F -t ext4 -L lab -O ^has_journal -E lazy_itable_init=1,nodiscard -d "$root" "$out/disk.raw"

# install, rebuild, uninstall, rebuild: nothing is left
mounts
inside make -s -C /root/src uninstall PREFIX=/usr
inside update-initramfs -u -k "$release"
tools_files > "$out/tools.after"
dracut --hostonly --no-hostonly-cmdline /boot/initrd.hostonly
dracut_files /boot/initrd.hostonly > "$out/hostonly.after"
