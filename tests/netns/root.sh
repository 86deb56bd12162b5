#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# root.sh - a Debian root file system with the daemons that rule a host's firewall: its recipe, and how a test gets into it
#
# root.sh path                          print where the cache has it, or will have it
# root.sh make PATH                     build it there, unless somebody else has done so; and remove old ones
# root.sh enter LAYERS COMMAND...       run COMMAND on a host of its own that is made of LAYERS, as overlayfs spells them
#
# Who uses a root holds a shared lock on PATH.lock. What is not locked is nobody's, and is removed when it is old.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
base=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/virt-handoff/netns

# The second line is what the tests themselves use, the third what the suite needs to be built: it is built in this root,
# so that its programs fit the daemons' host whatever the outer machine is.
packages=(
	libvirt-daemon-system libvirt-clients dnsmasq-base iptables nftables firewalld dbus ufw docker.io
	iproute2 conntrack busybox-static isc-dhcp-client procps diffutils
	gcc make pkgconf libc6-dev libexpat1-dev libiniparser-dev libkmod-dev libnftnl-dev libmnl-dev libjson-c-dev
	libvirt-dev libpci-dev
)

die() { echo "root.sh: $*" >&2; exit 1; }
. "$here/../debian.sh"

# The cache's name: what it is made from. A newer package in Debian does not make a new root by itself.
path() { echo "$base/$({ cat "$here/root.sh" "$here/../debian.sh"; debian_sources; } | sha256sum | cut -c1-16)"; }

# Under the lock nobody else builds this one: what lies there under the temporary name is from a build that was killed.
make_root()
(
	flock 9
	[ -d "$1" ] && return
	rm -rf --one-file-system "$1.tmp"
	setpriv --pdeathsig KILL unshare --mount --mount-proc --pid --fork --kill-child "$here/root.sh" build "$1.tmp" 9>&-
	mv "$1.tmp" "$1"
	prune 9>&-
) 9> "$1.lock"

# The newest two stay, and every one in use.
prune()
{
	local old

	find "$base" -mindepth 1 -maxdepth 1 -type d -name '????????????????' -printf '%T@ %p\n' | sort -rn | cut -d' ' -f2- |
		tail -n +3 | while read -r old; do
			(flock -n 8 && rm -rf --one-file-system "$old") 8> "$old.lock" || :
		done
}

# In namespaces of its own, for everything but users: what is mounted, sent, started and written there ends with it.
inside()
{
	local layers=$1 mnt=/mnt f root=/mnt/root
	shift

	mount -t tmpfs tmpfs $mnt
	mkdir $mnt/upper $mnt/work $root
	mount -t overlay overlay -o "lowerdir=$layers,upperdir=$mnt/upper,workdir=$mnt/work" $root
	mount -t proc proc $root/proc
	mount -t sysfs sysfs $root/sys
	# Docker looks for cgroups; nobody shall make any
	mount --rbind /sys/fs/cgroup $root/sys/fs/cgroup
	findmnt -rnRo TARGET $root/sys/fs/cgroup | while read -r f; do mount -o remount,bind,ro "$f"; done
	mount -t tmpfs tmpfs $root/dev
	for f in null zero full random urandom; do
		touch $root/dev/$f
		mount --bind /dev/$f $root/dev/$f
	done
	ln -s /proc/self/fd $root/dev/fd
	mount -t tmpfs tmpfs $root/run
	mount -t tmpfs tmpfs $root/tmp
	# programs that count what is run of them write where they were built
	[ -z "${NETNS_COVERAGE:-}" ] || { mkdir -p $root/tmp/stage/root/src && mount --bind "$NETNS_COVERAGE" $root/tmp/stage/root/src; }
	hostname host
	echo '127.0.0.1 localhost host' > $root/etc/hosts
	exec chroot $root env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

enter()
{
	exec unshare --net --mount --pid --uts --ipc --fork --kill-child --propagation private "$here/root.sh" inside "$@"
}

case ${1:-} in
path) path ;;
make) mkdir -p "$base" && make_root "$2" ;;
build) debian_root "$2" "${packages[@]}" ;;
enter | inside) "$@" ;;
*) die "usage: root.sh path | make PATH | enter LAYERS COMMAND..." ;;
esac
