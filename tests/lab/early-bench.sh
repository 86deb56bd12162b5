#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# early-bench.sh - initramfs images with early, with what people use today, and with neither, for early-bench
#
# early-bench.sh ROOT SUITE.tar OUT
#
# Makes in the folder OUT an image for each row: tools.plain, tools.ids and so on, the same for dracut, and dracut.driverctl.
# All images mark the two moments between which early runs, also those without it. disk.raw has the suite, and a unit that runs
# /stamp when multi-user.target is reached. BENCH_ROWS: only these and *.plain.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=early-root.sh
. "$here/early-root.sh"

# the disk is memory, so that no boot waits for the outer machine
drivers="nfit nd_pmem ext4 crc32c_generic bochs snd_hda_intel"
tr ' ' '\n' <<< "$drivers" > "$root/etc/initramfs-tools/modules"

top=$root/etc/initramfs-tools/scripts/init-top

wanted() { [[ -z ${BENCH_ROWS:-} || $1 = *.plain || " $BENCH_ROWS " = *" $1 "* ]]; }
tools()
{
	wanted "tools.$1" || return 0
	inside update-initramfs -c -k "$release" > /dev/null
	mv "$root/boot/initrd.img-$release" "$out/tools.$1"
}
hostonly()
{
	wanted "dracut.$1" || return 0
	dracut --hostonly --no-hostonly-cmdline "${@:2}" /boot/i
	mv "$root/boot/i" "$out/dracut.$1"
}

# mark NAME COMMAND - a script of initramfs-tools
mark()
{
	mkdir -p "$top"
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\n[ "$1" = prereqs ] || { %s; }\n' "$2" > "$top/$1"
	chmod +x "$top/$1"
}

# The names sort right before and right behind the suite's.
marks()
{
	local module=$root/usr/lib/dracut/modules.d/90marks

	mkdir -p "$module"
	mark 00-a 'echo mark from > /dev/kmsg'
	mark 00-z 'echo mark to > /dev/kmsg'
	echo 'echo mark from > /dev/kmsg' > "$module/from.sh"
	echo 'echo mark to > /dev/kmsg' > "$module/to.sh"
	# shellcheck disable=SC2016 # for dracut
	echo 'install() { inst_hook pre-udev 09 "$moddir/from.sh"; inst_hook pre-udev 11 "$moddir/to.sh"; }' \
		> "$module/module-setup.sh"
}

# driverctl has no module for dracut, neither in Debian's package nor in what its own `make install` installs; the one that lies
# in its sources leaves out the unit that its udev rule starts. So: all that the package consists of, and what it calls.
driverctl()
{
	local n file

	inside dpkg --force-depends -i /tmp/driverctl.deb > /dev/null
	mkdir -p "$root/etc/driverctl.d"
	for n in 0 1; do echo vfio-pci > "$root/etc/driverctl.d/pci-0000:03:00.$n"; done
	file=$(inside dpkg -L driverctl | grep -E '/sbin/|\.rules$|vfio_name$|/systemd/system/.')
	file+=$(printf '\n%s' /etc/driverctl.d/pci-0000:03:00.{0,1})
	hostonly driverctl --add 'bash systemd' --add-drivers "$drivers vfio-pci vfio_iommu_type1" \
		--install "$(tr '\n' ' ' <<< "$file") basename readlink realpath cut modprobe"
	inside dpkg --force-depends -P driverctl > /dev/null
}

marks
tools plain
hostonly plain
# two rows whose difference is what the measure itself has
for tool in tools dracut; do
	! wanted $tool.again || cp "$out/$tool.plain" "$out/$tool.again"
done

printf '%s\n' 'options vfio-pci ids=1234:1111,8086:293e' 'softdep bochs pre: vfio-pci' 'softdep snd_hda_intel pre: vfio-pci' \
	> "$root/etc/modprobe.d/vfio.conf"
echo vfio_pci >> "$root/etc/initramfs-tools/modules"
tools ids
hostonly ids --force-drivers vfio-pci
rm "$root/etc/modprobe.d/vfio.conf"
sed -i '/vfio_pci/d' "$root/etc/initramfs-tools/modules"

if wanted dracut.driverctl && [ -f "$out/driverctl.deb" ]; then
	cp "$out/driverctl.deb" "$root/tmp/"
	driverctl
fi

install_suite > /dev/null
tools early
hostonly early

# The same images with another list behind them: an image that is made twice differs by more than such a line costs.
mkdir -p "$root/tmp/absent/var/lib/virt-handoff"
{ cat "$root/var/lib/virt-handoff/early.list"; echo 0000:07:00.0 1234:1111 vfio-pci vfio_pci; } \
	> "$root/tmp/absent/var/lib/virt-handoff/early.list"
for tool in tools dracut; do
	wanted $tool.absent || continue
	cp "$out/$tool.early" "$out/$tool.absent"
	truncate -s %4 "$out/$tool.absent"
	inside sh -c 'cd /tmp/absent && find var | cpio --quiet -o -H newc' >> "$out/$tool.absent"
done

cat > "$root/etc/systemd/system/stamp.service" << 'S'
[Unit]
After=multi-user.target
[Service]
ExecStart=/stamp end
[Install]
WantedBy=multi-user.target
S
cp "$here/early-bench-stamp" "$root/stamp"
inside systemctl -q enable stamp.service
sed -i 's|^/dev/vda|/dev/pmem0|' "$root/etc/fstab"
umount "$root/sys" "$root/tmp" "$root/dev" "$root/proc"
truncate -s 4G "$out/disk.raw"
mke2fs -q -F -t ext4 -L lab -O ^has_journal -E lazy_itable_init=1,nodiscard -d "$root" "$out/disk.raw"
