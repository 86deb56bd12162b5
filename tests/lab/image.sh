#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# image.sh - the recipe of the emulated host: a Debian root file system, its kernel, a small initramfs, a disk image
#
# image.sh sources        print the deb lines that the image is built from
# image.sh build DIR      build everything in DIR (a new folder, on the same file system as the cache)
#
# Called by machine.sh, which keeps the result in the cache under a hash of this file, ../debian.sh, agent.c, client.c,
# guest.c and what is in modules/.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# What the host is made of. The fourth line is what the suite and its package need to be built: it is built in this root, so
# that its programs fit the host in the lab whatever the outer machine is.
packages=(
	linux-image-amd64 systemd-sysv udev kmod dbus busybox-static cpio initramfs-tools zstd xz-utils apparmor
	libvirt-daemon-system libvirt-clients qemu-system-x86 dnsmasq-base iproute2 procps psmisc
	iptables nftables
	gcc make libc6-dev libkmod-dev libexpat1-dev libiniparser-dev libnftnl-dev libmnl-dev libjson-c-dev libvirt-dev
	libpci-dev pkgconf debhelper
	libasan8 libubsan1
	dracut-core
)

# What the kernel's modules are built with. Not left in the image.
kernel_packages=(linux-headers-amd64 linux-source)

# Services that a lab has no use for. Each costs boot time, and a timer may fire in the middle of a test.
masked=(
	apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer logrotate.timer e2scrub_all.timer
	e2scrub_reap.service fstrim.timer man-db.timer systemd-tmpfiles-clean.timer systemd-pcrphase.service
	systemd-pcrphase-sysinit.service getty@tty1.service serial-getty@ttyS0.service getty-static.service
	libvirt-guests.service systemd-rfkill.service
	systemd-rfkill.socket systemd-update-utmp.service systemd-update-utmp-runlevel.service ifupdown-wait-online.service
	networking.service systemd-networkd-wait-online.service modprobe@configfs.service modprobe@fuse.service
	modprobe@efi_pstore.service systemd-pstore.service sys-kernel-debug.mount sys-kernel-tracing.mount
	dev-hugepages.mount proc-sys-fs-binfmt_misc.automount keyboard-setup.service console-setup.service
)

die() { echo "image.sh: $*" >&2; exit 1; }
. "$here/../debian.sh"

# The client runs on the outer machine: static, so that it runs on any.
programs()
{
	local dir=$1 root=$1/root p

	for p in agent client guest; do
		cp "$here/$p.c" "$root/root/"
		in_root "$root" gcc -std=gnu11 -O2 -Wall -Wextra -static -o "/root/$p" "/root/$p.c"
		rm "$root/root/$p.c"
	done
	mv "$root/root/agent" "$root/usr/local/sbin/lab-agent"
	mv "$root/root/client" "$dir/client"
}

# What every VM may do, in place of Debian's abstractions/libvirt-qemu: that has 470 rules with what it includes, most of them for
# programs that are not here. The rules for unix sockets are those of abstractions/base: without them Debian 13 lets no VM listen.
vm_profile()
{
	cat <<-'RULES'
		capability dac_override,
		capability dac_read_search,
		capability chown,
		capability setgid,
		capability setuid,
		capability ipc_lock,
		deny capability kill,
		network inet stream,
		network inet6 stream,
		ptrace (readby, tracedby) peer=libvirtd,
		ptrace (readby, tracedby) peer=virtqemud,
		signal (receive) peer=libvirtd,
		signal (receive) peer=virtqemud,
		signal (receive) peer=unconfined,
		unix (send, receive) type=stream addr=none peer=(label=libvirtd),
		unix (send, receive) type=stream addr=none peer=(label=virtqemud),
		unix peer=(label=@{profile_name}),
		unix (receive) peer=(label=unconfined),
		unix (create),
		unix (getattr, getopt, setopt, shutdown),
		/{usr/,}lib/** mr,
		/usr/bin/qemu-system-x86_64 rmix,
		/usr/share/** r,
		/etc/** r,
		/dev/{null,zero,full,random,urandom,ptmx,kvm} rw,
		/dev/net/tun rw,
		/dev/vfio/vfio rw,
		@{PROC}/** r,
		owner @{PROC}/@{pid}/task/@{tid}/comm rw,
		/sys/{bus,class,devices,module}/** r,
		/ r,
	RULES
}

customize()
{
	local root=$1 unit

	echo lab > "$root/etc/hostname"
	echo '127.0.0.1 localhost lab' > "$root/etc/hosts"
	echo '/dev/vda / ext4 defaults,noatime 0 0' > "$root/etc/fstab"
	: > "$root/etc/machine-id"
	echo 0123456789abcdef0123456789abcdef > "$root/etc/machine-id"
	sed -i 's/^root:[^:]*:/root::/' "$root/etc/shadow"

	for unit in "${masked[@]}"; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit"
	done
	# What they would make is not here, and on a slow machine systemd 257 went no further than this. The first of those two
	# reads systemd.mask= of the kernel's command line.
	mkdir -p "$root/etc/systemd/system-generators"
	for unit in "$root"/usr/lib/systemd/system-generators/*; do
		case ${unit##*/} in
		systemd-debug-generator | systemd-fstab-generator) ;;
		*) ln -sf /dev/null "$root/etc/systemd/system-generators/${unit##*/}" ;;
		esac
	done
	mkdir -p "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system.conf.d"
	# Everything that a test looks for must be there: no rate limit, and nothing written to the disk.
	printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nForwardToSyslog=no\nAudit=no\n' \
		> "$root/etc/systemd/journald.conf.d/lab.conf"
	# AppArmor's denials are kernel messages here, and none may be left out.
	echo 'kernel.printk_ratelimit = 0' > "$root/etc/sysctl.d/lab.conf"
	printf '[Manager]\nDefaultTimeoutStartSec=300s\nDefaultDeviceTimeoutSec=300s\n' \
		> "$root/etc/systemd/system.conf.d/lab.conf"
	# libvirtd leaves after 120 idle seconds by default: a test compares the active units before and after.
	echo 'LIBVIRTD_ARGS=""' > "$root/etc/default/libvirtd"
	# A hot path of nothing: the lab has no sound to play, no radio and no bridge filter to load.
	printf 'blacklist %s\n' pcspkr i2c_i801 iTCO_wdt lpc_ich > "$root/etc/modprobe.d/lab.conf"
	# Profiles of programs that are not here are compiled at each boot for nothing; libvirt's stay as they are.
	find "$root/etc/apparmor.d" -maxdepth 1 -type f ! -name '*virt*' -delete
	# libvirt compiles a VM's profile four times per start, which took longer than all else that a start does. So it is shorter,
	# and without the parser's slowest optimization. What libvirt writes for each VM, its files and its devices, stays as it is.
	echo 'Optimize=no-expr-simplify' >> "$root/etc/apparmor/parser.conf"
	vm_profile > "$root/etc/apparmor.d/abstractions/lab-qemu"
	sed -i 's|<abstractions/libvirt-qemu>|<abstractions/lab-qemu>|' "$root/etc/apparmor.d/libvirt/TEMPLATE.qemu"
	grep -q '<abstractions/lab-qemu>' "$root/etc/apparmor.d/libvirt/TEMPLATE.qemu" || die "TEMPLATE.qemu of libvirt has another form"

	cat > "$root/etc/systemd/system/lab-agent.service" <<-'UNIT'
		[Unit]
		Description=lab command channel
		BindsTo=dev-virtio\x2dports-lab.0.device
		After=dev-virtio\x2dports-lab.0.device
		[Service]
		ExecStart=/usr/local/sbin/lab-agent /dev/virtio-ports/lab.0
		Restart=always
		KillMode=process
		OOMScoreAdjust=-1000
		[Install]
		WantedBy=multi-user.target
	UNIT
	in_root "$root" systemctl enable lab-agent.service libvirtd.service
}

# For the shells in the root: print a file of the kernel's as it was before it was packed
# shellcheck disable=SC2016 # for the inner shell
unpacked='unpacked() { case $1 in *.xz) xz -dc "$1" ;; *.zst) zstd -qdc "$1" ;; *) cat "$1" ;; esac; }'

# An initramfs of a few modules and nothing to wait for: udev in an initramfs costs seconds under emulation.
initramfs()
{
	local dir=$1 root=$1/root release

	release=$(ls "$root/lib/modules")
	[ "$(wc -w <<< "$release")" = 1 ] || die "expected one kernel in the image, found: $release"
	cp "$root/boot/vmlinuz-$release" "$dir/vmlinuz"
	# shellcheck disable=SC2016 # for the inner shell
	in_root "$root" bash -ec "$unpacked"'
		mkdir -p /tmp/i/{bin,dev,proc,root,m} && cd /tmp/i
		cp /bin/busybox bin/
		n=10
		for m in virtio_pci virtio_blk ext4; do
			modprobe -S '"$release"' --show-depends $m | while read -r verb file _; do
				[ "$verb" != insmod ] || echo "$file"
			done
		done | awk "!seen[\$0]++" > /tmp/modules
		while read -r file; do
			unpacked "$file" > m/$((n++)).ko
		done < /tmp/modules
		cat > init <<-"INIT"
			#!/bin/busybox sh
			/bin/busybox mount -t devtmpfs dev /dev
			/bin/busybox mount -t proc proc /proc
			if /bin/busybox grep -q lab.probe /proc/cmdline; then /bin/busybox poweroff -f; fi
			for m in /m/*.ko; do /bin/busybox insmod $m; done
			until /bin/busybox mount -t ext4 -o ro,noatime /dev/vda /root 2>/dev/null; do /bin/busybox sleep 0.1; done
			/bin/busybox umount /proc
			exec /bin/busybox switch_root /root /sbin/init
		INIT
		chmod 755 init
		find . | cpio --quiet -o -H newc > /boot/initrd'
	mv "$root/boot/initrd" "$dir/initrd"
}

# The guest of the tests: the lab's own kernel and one program. The kernel is unpacked here, because it would need a minute
# for that in the lab. So it needs a loader that takes an ELF file: QEMU does, through the kernel's PVH entry.
guest()
{
	local dir=$1 root=$1/root

	mkdir -p "$root/var/lib/libvirt/boot"
	mv "$root/root/guest" "$root/var/lib/libvirt/boot/init"
	cp "$dir/vmlinuz" "$root/var/lib/libvirt/boot/"
	# shellcheck disable=SC2016 # for the inner shell
	in_root "$root" bash -ec "$unpacked"'
		cd /var/lib/libvirt/boot
		# from MAGIC - the kernel from these bytes on
		from() { tail -c +$(($(LC_ALL=C grep -m 1 -aboP "$1" vmlinuz | head -n 1 | cut -d: -f1) + 1)) vmlinuz; }
		is_elf() { head -c 4 vmlinux | grep -q ELF; }
		from "\xfd7zXZ\x00" | xz -dc --single-stream > vmlinux || :
		is_elf || from "\x28\xb5\x2f\xfd" | zstd -qdc > vmlinux || :	# what is behind it is not zstd
		is_elf || { echo "image.sh: the kernel is packed neither with xz nor with zstd: guest() knows nothing else" >&2; exit 1; }
		mkdir -p /tmp/g/m
		mv init /tmp/g/
		n=10
		for m in 8390 ne2k-pci; do
			unpacked "/lib/modules/$0/kernel/drivers/net/ethernet/8390/$m".ko* > /tmp/g/m/$((n++)).ko
		done
		cd /tmp/g
		find . | cpio --quiet -o -H newc > /var/lib/libvirt/boot/initrd
		rm /var/lib/libvirt/boot/vmlinuz' "$(ls "$root/lib/modules")"
}

# The kernel's sample mdev drivers from its own source, and the modules of modules/, which need no boot to be there. What
# they were built with is 250 MB, and goes. The tools that go with ours are put aside: a test takes them when it wants to.
modules()
{
	local root=$1 release archive samples

	release=$(ls "$root/lib/modules")
	archive=$(echo "$root"/usr/src/linux-source-*.tar.xz)
	samples=$(basename "$archive" .tar.xz)/samples/vfio-mdev
	cp -r "$here/modules" "$root/root/modules"
	install -D -t "$root/usr/local/share/lab" "$here"/modules/{nvidia-smi,sriov-manage}
	# 1.3 GB, in blocks that are unpacked side by side; tar leaves when it has seen each once
	tar -C "$root/root/modules" -I 'xz -T0' --strip-components=3 --occurrence=1 -xf "$archive" \
		"$samples"/{mtty.c,mdpy.c,mdpy-defs.h,mbochs.c}
	# shellcheck disable=SC2016 # for the inner shell
	in_root "$root" bash -ec '
		make -j "$(nproc)" -C "/lib/modules/$0/build" M=/root/modules modules
		mkdir "/lib/modules/$0/updates"
		cp /root/modules/*.ko "/lib/modules/$0/updates/"
		depmod "$0"
		dpkg-query -W -f "\${Package}\n" "linux-headers-*" "linux-source*" "linux-kbuild-*" "linux-compiler-*" |
			xargs dpkg --purge
		rm -r /root/modules' "$release"
}

disk()
{
	local dir=$1

	truncate -s 4G "$dir/disk.raw"
	mke2fs -q -F -t ext4 -L lab -O ^has_journal -E lazy_itable_init=1,nodiscard -d "$dir/root" "$dir/disk.raw"
}

build()
{
	local dir=$1

	mkdir -p "$dir"
	debian_root "$dir/root" "${packages[@]}" "${kernel_packages[@]}"
	modules "$dir/root"
	programs "$dir"
	customize "$dir/root"
	initramfs "$dir"
	guest "$dir"
	disk "$dir"
}

case ${1:-} in
sources) debian_sources ;;
build) build "$2" ;;
*) die "usage: image.sh sources | build DIR" ;;
esac
