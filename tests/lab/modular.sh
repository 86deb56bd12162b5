#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# modular.sh - virtqemud and virtnetworkd for the image's libvirt, from Debian's source package: Debian builds them and packs none
#
# modular.sh ROOT FOLDER OUT.tar
#
# ROOT stays as it is: what is installed and built lies over it, in memory. Compiled are only the daemons' own files, seven
# each. The library and the drivers that they load are those of Debian's packages, so what is not as in a Debian host is the
# daemon alone: a process for VMs and one for networks, each with its sockets and units, and virtqemud's AppArmor profile.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${MODULAR_INSIDE:-}" ]; then
	MODULAR_INSIDE=1 exec unshare --mount --pid --fork --kill-child "$0" "$@"
fi
lower=$1 over=$2 out=$3 root=$2/root
daemons=(virtqemud virtnetworkd)
# gcc, patch and pkgconf are in the image
packages=(
	meson ninja-build perl python3 xsltproc libxml2-utils
	libglib2.0-dev libgnutls28-dev libxml2-dev libtirpc-dev libjson-c-dev libapparmor-dev
)
# What Debian configures, where it says a path or is needed to have these two
# shellcheck disable=SC2054 # commas are wanted
options=(
	--prefix=/usr --sysconfdir=/etc --localstatedir=/var --libdir=lib/x86_64-linux-gnu --libexecdir=/usr/lib/libvirt
	--buildtype=plain --auto-features=disabled -Dno_git=true -Drunstatedir=/run -Dinitconfdir=/etc/default
	-Dunitdir=/usr/lib/systemd/system -Dinit_script=systemd -Dremote_default_mode=legacy
	-Dqemu_user=libvirt-qemu -Dqemu_group=libvirt-qemu -Dqemu_moddir=/usr/lib/x86_64-linux-gnu/qemu
	-Dqemu_datadir=/usr/share/qemu -Ddriver_remote=enabled -Ddriver_libvirtd=enabled -Ddriver_qemu=enabled
	-Ddriver_network=enabled -Dfirewall_backend_priority=iptables,nftables -Djson_c=enabled
	-Dapparmor=enabled -Dsecdriver_apparmor=enabled -Dapparmor_profiles=enabled
)

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 "$@"; }
# The outer machine's apt knows the way to the sources; it installs into the root
apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dir="$root" -o Dir::State::status="$root/var/lib/dpkg/status" \
		-o DPkg::Chroot-Directory="$root" -o APT::Install-Recommends=false -o Dpkg::Options::=--force-unsafe-io "$@"
}

mount --make-rprivate /
mkdir -p "$over"
mount -t tmpfs -o size=6g modular "$over"
mkdir "$over/up" "$over/work" "$root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$over/up,workdir=$over/work" "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"

# Not by its .dsc, which not every mirror has: apt knows from the lists what each file must be
fetch_source()
{
	local version part
	# shellcheck disable=SC2016 # for dpkg-query
	version=$(inside dpkg-query -W -f '${source:Version}' libvirt0)

	"$here/image.sh" sources > "$over/debs"
	{ cat "$over/debs"; sed 's/^deb /deb-src /' "$over/debs"; } > "$root/etc/apt/sources.list"
	rm -f "$root/etc/apt/sources.list.d"/*
	apt update
	mkdir "$over/source"
	for part in --tar-only --diff-only; do (cd "$over/source" && apt source --download-only "$part" "libvirt=$version"); done
	mkdir "$root/root/libvirt"
	tar -C "$root/root/libvirt" --strip-components=1 -xf "$over/source"/libvirt_*.orig.tar.xz
	tar -C "$root/root/libvirt" -xf "$over/source"/libvirt_*.debian.tar.xz
	# shellcheck disable=SC2016 # for the inner shell
	inside bash -ec 'cd /root/libvirt; grep "^[^#]" debian/patches/series | while read -r p; do patch -s -p1 < "debian/patches/$p"; done'
}

# Each daemon's own objects, as ninja knows them, linked with the libraries that Debian packs
build()
{
	apt install "${packages[@]}"
	inside bash -ec 'cd /root/libvirt; meson setup build "$@"' bash "${options[@]}"
	# shellcheck disable=SC2016 # for the inner shell
	inside bash -ec '
		cd /root/libvirt/build
		libraries=$(pkg-config --libs glib-2.0 gio-2.0 gnutls libxml-2.0 libtirpc json-c)
		for daemon; do
			# (the archive behind the objects)
			parts=$(ninja -t query "src/$daemon" | sed -n "/^ *input/,/^ *outputs/s/^ *\(| *\)*\(.*\(\.o\|admin_driver\.a\)\)$/\2/p" | sort -ur)
			ninja -j "$(nproc)" $parts
			gcc -pie -o "src/$daemon" $parts -l:libvirt-qemu.so.0 -l:libvirt-lxc.so.0 -l:libvirt.so.0 $libraries
		done' bash "${daemons[@]}"
}

# What `ninja install` would put on a host for these two
pack()
{
	local daemon stage=$over/stage unit

	for daemon in "${daemons[@]}"; do
		install -D -m 0755 -t "$stage/usr/sbin" "$root/root/libvirt/build/src/$daemon"
		for unit in .service .socket -ro.socket -admin.socket; do
			install -D -m 0644 -t "$stage/usr/lib/systemd/system" "$root/root/libvirt/build/src/$daemon$unit"
		done
	done
	install -D -m 0644 -t "$stage/etc/apparmor.d" "$root/root/libvirt/build/src/security/apparmor/usr.sbin.virtqemud"
	tar --owner=0 --group=0 -C "$stage" -cf "$out" .
}

fetch_source
build
pack
