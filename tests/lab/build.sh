#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh - build the suite in the lab's root file system and pack what `make install` puts on a host
#
# build.sh ROOT SOURCE OUT.tar     with SAN=1: the sanitizer build; TARGETS= what is built besides
#                                  with COVERAGE: it counts what is run of it, and OUT.tar.gcno has gcc's notes for that
#
# ROOT stays as it is: it is mounted read-only, and the build is in memory. The tree goes into the archive too, as
# /root/src, for the tests of `make uninstall`.
set -euo pipefail

root=$1 source=$2 out=$3

# A checkout: what git knows or would add, so that no build product of the outer machine comes along.
files()
{
	if git -C "$source" rev-parse --git-dir > /dev/null 2>&1; then
		git -C "$source" ls-files -z -co --exclude-standard | { cd "$source"; xargs -0 -r ls -d 2> /dev/null || true; }
	else
		(cd "$source" && find . -type f -not -path './build*' -not -path './.git/*')
	fi
}

export root source out
files > "$out.files"
# shellcheck disable=SC2016 # for the inner shell
unshare --mount --pid --fork --kill-child bash -euc '
	mount --make-rprivate /
	mount --bind "$root" "$root"
	mount -o remount,ro,bind "$root"
	mount -t proc proc "$root/proc"
	mount --bind /dev "$root/dev"
	mount -t tmpfs tmp "$root/tmp"
	mkdir -p "$root/tmp/stage/root/src"
	tar -C "$source" -cf - --no-recursion -T "$out.files" | tar --no-same-owner -C "$root/tmp/stage/root/src" -xf -
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 ${SAN:+SAN=$SAN} TARGETS="${TARGETS:-}" bash -euc "
		cd /tmp/stage/root/src
		set -- PREFIX=/usr ${COVERAGE:+COVERAGE=1 B=build}
		make -j$(nproc) \"\$@\" all \$TARGETS
		make \"\$@\" install DESTDIR=/tmp/stage"
	[ -z "${COVERAGE:-}" ] || (cd "$root/tmp/stage/root/src" && find build -name "*.gcno" -print0 | tar --null -T - -cf "$out.gcno")
	# most of what there is, and nobody needs it there, but for a package and the programs of tests that TARGETS names
	find "$root/tmp/stage/root/src/" -path "*/src/build*/*" -type f \
		\( -name "*.[aod]" -o ! -path "*/packages/*" ! -path "*/src/build*/tests/*" \) -delete
	tar --owner=0 --group=0 -C "$root/tmp/stage" -cf "$out.tmp" .'
rm "$out.files"
mv "$out.tmp" "$out"
