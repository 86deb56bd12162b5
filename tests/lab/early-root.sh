# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# early-root.sh - the image's root, writable for a while, to install the suite in and to make initramfs images
#
# Sourced by early-*.sh with their arguments ROOT SUITE.tar OUT [NAME]. Sets root, out, suite and release.

# In memory, over the image's root: nothing of it is changed, and all of it goes with this process.
if [ -z "${EARLY_ROOT_INSIDE:-}" ]; then
	EARLY_ROOT_INSIDE=1 exec unshare --mount --pid --fork --kill-child "$0" "$@"
fi
lower=$1 suite=$2 out=$3
over=$out/over${4:+.$4} root=$out/over${4:+.$4}/root

# of the host in the lab nothing can be seen here, and what the outer machine has must not count
mounts()
{
	mount -t proc proc "$root/proc"
	mount --bind /dev "$root/dev"
	mount -t tmpfs tmp "$root/tmp"
	mount -t tmpfs sys "$root/sys"
	mkdir -p "$root/sys/bus/pci/devices"
}
mount --make-rprivate /
mkdir -p "$over"
mount -t tmpfs -o size=4g early "$over"
mkdir "$over/up" "$over/work" "$root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$over/up,workdir=$over/work" "$root"
mounts
release=$(ls "$root/lib/modules")

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 "$@"; }

# The drivers of the cards are in the images: a program that runs too late loses against them.
drivers="virtio_pci virtio_blk ext4 crc32c_generic bochs snd_hda_intel"
sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
tr ' ' '\n' <<< "$drivers" > "$root/etc/initramfs-tools/modules"
dracut() { inside dracut --force --quiet --kver "$release" --add-drivers "$drivers" "$@"; }
tools_files() { inside lsinitramfs "/boot/initrd.img-$release" | sort; }
dracut_files() { inside lsinitrd "$1" | sed -n 's/^[-dlc][rwx].* \([^ ]*\)\( -> .*\)\?$/\1/p' | sort; }

unpack_suite()
{
	tar -C "$root" --no-overwrite-dir --keep-directory-symlink -xpf "$suite"
	printf '%s\n' '[early]' 'devices = 0000:03:00.0=1234:1111 0000:03:00.1=8086:293e' > "$root/etc/virt-handoff/host.ini"
}
install_suite()
{
	unpack_suite
	inside virt-handoff early update
}
