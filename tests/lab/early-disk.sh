#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# early-disk.sh - a disk with the suite, and initramfs images with it as initramfs-tools and dracut make them
#
# early-disk.sh ROOT SUITE.tar OUT tools|dracut
#
# ROOT stays as it is. Called by early, once for each tool, both at the same time. Makes in the folder OUT
# tools:  disk.raw; initrd.tools and what is in it, a file a line (tools.files), the same before the suite was installed
#         (tools.before); left.cpio and primary.cpio, other lists to be appended to an image; size, in bytes
# dracut: initrd.dracut (generic), initrd.hostonly, dracut.files, hostonly.files
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=early-root.sh
. "$here/early-root.sh"

# list NAME - another list: the kernel unpacks a second archive over the first one
list()
{
	mkdir -p "$root/tmp/$1/var/lib/virt-handoff"
	cat > "$root/tmp/$1/var/lib/virt-handoff/early.list"
	inside sh -c "cd /tmp/$1 && find var | cpio --quiet -o -H newc" > "$out/$1.cpio"
}

lists()
{
	# the boot VGA, another card than there was, one that is right, one that is absent
	list left <<- LIST
		0000:01:00.0 1234:1111 vfio-pci vfio_pci
		0000:01:00.1 8086:2668 vfio-pci vfio_pci
		0000:02:00.0 1234:1112 vfio-pci vfio_pci
		0000:02:00.1 8086:293e vfio-pci vfio_pci
		0000:03:00.0 1234:1111 vfio-pci vfio_pci
		0000:03:00.1 8086:293e vfio-pci vfio_pci
		0000:07:00.0 1234:1111 vfio-pci vfio_pci
	LIST
	list primary <<- LIST
		0000:01:00.0 1234:1111 vfio-pci vfio_pci primary
		0000:01:00.1 8086:2668 vfio-pci vfio_pci primary
	LIST
}

images_tools()
{
	inside update-initramfs -c -k "$release"
	tools_files > "$out/tools.before"
	install_suite
	echo "== a second time"
	inside virt-handoff early update 2> /dev/null | tee "$out/update.again"
	tools_files > "$out/tools.files"
	cp "$root/boot/initrd.img-$release" "$out/initrd.tools"
	# what of ours is in it besides the kernel's modules, packed as Debian packs an image
	grep -v '/modules/' "$out/tools.files" | comm -13 "$out/tools.before" - |
		sed 's|^scripts/|usr/share/initramfs-tools/&|' > "$root/tmp/ours"
	inside sh -c 'cd / && cpio --quiet -o -H newc < /tmp/ours | zstd -q -9 | wc -c' > "$out/size"
	lists
	umount "$root/sys" "$root/tmp" "$root/dev" "$root/proc"
	truncate -s 4G "$out/disk.raw"
	mke2fs -q -F -t ext4 -L lab -O ^has_journal -E lazy_itable_init=1,nodiscard -d "$root" "$out/disk.raw"
}

# dracut_image NAME OPTION... - packing and stripping would take 60 s, and unpacking more at each boot
dracut_image()
{
	dracut "${@:2}" --no-compress --nostrip --no-hostonly-cmdline "/boot/initrd.$1"
	dracut_files "/boot/initrd.$1" > "$out/$1.files"
	mv "$root/boot/initrd.$1" "$out/"
}

images_dracut()
{
	install_suite
	# as on a host that has VFIO in the initramfs for another reason
	dracut_image hostonly --hostonly --force-drivers vfio-pci
	dracut_image dracut --no-hostonly
}

"images_$4"
