#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# early-dracut.sh - virt-handoff early on a host whose initramfs tool is dracut, and on one that has no such tool
#
# early-dracut.sh ROOT SUITE.tar OUT
#
# ROOT stays as it is. Nothing is booted: it is about the command, the images and what is read back from them. Called by early.
# shellcheck disable=SC2154 # what early-root.sh sets
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=early-root.sh
. "$here/early-root.sh"

image=/boot/initrd.img-$release # where Debian's dracut puts it
second=0000:03:00.1
said=$out/said
: > "$said"

fail() { echo "FAIL: $*"; cat "$said"; exit 1; }
# early VERB STATUS - run it; what it says is in $said
early()
{
	local status=0

	echo "== early $1"
	inside virt-handoff early "$1" > "$said" 2>&1 || status=$?
	cat "$said"
	[ $status = "$2" ] || fail "early $1 ends with $status, not $2"
}
says() { grep -qF -- "$1" "$said" || fail "not said: $1"; }
files() { dracut_files "$image" > "$out/dracut-update.files"; }
in_image() { grep -E "$1" "$out/dracut-update.files"; }
id() { stat -c '%i %y' "$root/boot"/initrd*; }
regenerate() { inside dracut --regenerate-all --force --quiet; }
away() { mkdir -p "$root/root/away" && mv "${@/#/$root}" "$root/root/away/"; }

# as on a host with dracut only
away /usr/sbin/update-initramfs /usr/sbin/mkinitramfs /usr/bin/unmkinitramfs /usr/bin/lsinitramfs
# Most hosts have an image with microcode in front: a second archive, that is read first. Any bytes do.
mkdir -p "$root/lib/firmware/intel-ucode" "$root/lib/firmware/amd-ucode"
echo lab | tee "$root/lib/firmware/intel-ucode/06-00-00" > "$root/lib/firmware/amd-ucode/microcode_amd.bin"
# A small image is enough here, and ten times as fast: early-disk.sh has whole ones.
printf '%s\n' "drivers=\" $drivers \"" compress=cat do_strip=no > "$root/etc/dracut.conf.d/lab.conf"
regenerate
[ -f "$root$image" ] || fail "dracut has made $(ls "$root/boot"), not $image"
inside lsinitrd "$image" > "$said"
grep -q 'Early CPIO image' "$said" || fail "no microcode in front of $image"
before=$(id)
files
mv "$out/dracut-update.files" "$out/dracut-update.before"

unpack_suite
early show 1
says "$image: no list; run virt-handoff early update"
early update 0
says "running /usr/bin/dracut"
says "1 image rebuilt"
[ "$(id)" != "$before" ] || fail "no image was rebuilt"
files
for name in usr/libexec/virt-handoff/early var/lib/virt-handoff/early.list; do
	in_image "$name\$" || fail "$name is not in $image"
done
inside lsinitrd -f var/lib/virt-handoff/early.list "$image" | cmp - "$root/var/lib/virt-handoff/early.list" || fail "another list"
early show 0
says "$image: as asked for"

before=$(id)
early update 0
says "nothing has changed: no image was rebuilt"
[ "$(id)" = "$before" ] || fail "rebuilt though nothing has changed"

sed -i "s/ $second=.*//" "$root/etc/virt-handoff/host.ini"
early show 1
says "$image: another list; run virt-handoff early update"
says "only in the image: $second"

# with neither tool: the list is written, and the rest is said
away /usr/bin/dracut
early update 1
says "neither update-initramfs nor dracut is here: the list is in /var/lib/virt-handoff/early.list, rebuild the initramfs"
! grep -q "^$second" "$root/var/lib/virt-handoff/early.list" || fail "the list is the old one"
[ "$(id)" = "$before" ] || fail "rebuilt without a tool"
away /usr/bin/lsinitrd
early show 1
says "$image: cannot be read: neither unmkinitramfs nor lsinitrd is installed"
mv "$root/root/away/dracut" "$root/root/away/lsinitrd" "$root/usr/bin/"

inside make -s -C /root/src uninstall PREFIX=/usr
regenerate
files
diff "$out/dracut-update.before" "$out/dracut-update.files" || fail "something is left in $image"
