# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# machine.sh - the emulated host as functions: its image in the cache, its snapshots, starting, asking and stopping one
#
# Sourced by run and demo, which set lab_dir (this folder).
#
# Theory of operation: a snapshot is three files. `ram` is the machine's memory, as a file that QEMU maps; `state` is a
# migration stream without the memory (x-ignore-shared); `disk.qcow2` lies over the image. A machine that makes a
# snapshot maps `ram` shared; one that starts from it maps it privately, so nothing is read or copied in advance, and a
# machine runs 0.15 s after QEMU was started, as often and as many at once as one likes.

# A run holds a shared lock on the image that it uses and an exclusive one on its own folder, and QEMU inherits both: what
# is not locked is nobody's, and the next run removes it (old images but one, and folders of runs that were killed).

# shellcheck disable=SC2154 # lab_dir is the caller's
lab_base=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/virt-handoff/lab
lab_logs=$lab_base/log/$(date +%Y%m%d-%H%M%S).$$
lab_accel=${LAB_ACCEL:-tcg}
lab_smp=${LAB_SMP:-1}
lab_firewall=${LAB_FIREWALL:-iptables}
lab_mem=2048
lab_qemu=qemu-system-x86_64
lab_image=	# the image's folder, set by lab_image_ready
lab_name=${lab_name:-lab}	# in front of what is said
lab_child=	# what lab_during waits for

lab_die() { echo "$lab_name: $*" >&2; exit 1; }
[[ $lab_firewall =~ ^(iptables|nftables)$ ]] || lab_die "LAB_FIREWALL is '$lab_firewall': write iptables or nftables"
lab_daemons=${LAB_DAEMONS:-monolithic}
[[ $lab_daemons =~ ^(monolithic|modular)$ ]] || lab_die "LAB_DAEMONS is '$lab_daemons': write monolithic or modular"
[ "$lab_daemons" = monolithic ] || [ "${LAB_DEBIAN:-}" = trixie ] || lab_die "LAB_DAEMONS=modular goes with LAB_DEBIAN=trixie: modular.sh builds the daemons of libvirt 11"
lab_modular=	# an archive of virtqemud and virtnetworkd, set by lab_boot_ready where they are wanted

# Print why no machine can be started here; nothing when one can.
lab_missing()
{
	local tool

	[ "$(id -u)" = 0 ] || { echo "needs root, to build the image and to build in it"; return; }
	for tool in "$lab_qemu" qemu-img mmdebstrap mke2fs unshare flock setpriv; do
		command -v "$tool" > /dev/null || { echo "$tool is not installed (make deps installs it)"; return; }
	done
}

# lab_during TEXT SECONDS COMMAND... - run COMMAND with its output in a log, and say what is going on meanwhile.
lab_during()
{
	local text=$1 estimate=$2 from=$SECONDS status=0
	shift 2

	mkdir -p "$lab_logs"
	"$@" >> "$lab_logs/prepare.log" 2>&1 &
	lab_child=$!
	if [ -t 1 ]; then
		while kill -0 $lab_child 2> /dev/null; do
			lab_progress "$text" $((SECONDS - from)) "$estimate"
			sleep 0.2
		done
		printf '\r\033[K'
	else
		echo "$lab_name: $text (about $estimate s)"
	fi
	wait $lab_child || status=$?
	lab_child=''
	[ $status = 0 ] && lab_finished "$text" $((SECONDS - from)) "$estimate" && return
	tail -n 15 "$lab_logs/prepare.log" >&2
	lab_die "$text failed (status $status); the whole log: $lab_logs/prepare.log"
}

# On a terminal, while it goes on; and afterwards, wherever. demo has its own.
lab_progress() { printf '\r\033[K%s: %s: %d s of about %d s' "$lab_name" "$@"; }
lab_finished() { echo "$lab_name: $1: $2 s"; }

lab_hash() { sha256sum | cut -c1-16; }

# lab_unlocked FILE COMMAND... - run COMMAND when nobody holds a lock on FILE
lab_unlocked()
{
	local file=$1
	shift
	(flock -n 8 && "$@") 8> "$file"
}

# Sets lab_work, a folder of this run. Its path is short, because sockets are in it. Not in /tmp, which may be memory: a
# snapshot takes about 1 GB.
lab_work_make()
{
	local old

	for old in /var/tmp/virt-handoff-lab.*/; do
		[ -O "$old" ] && [ -e "$old/lock" ] && lab_unlocked "$old/lock" rm -rf "$old"
	done
	lab_work=$(mktemp -d /var/tmp/virt-handoff-lab.XXXXXX) || exit 1
	exec {lab_work_lock}> "$lab_work/lock" && flock -n "$lab_work_lock"
}

lab_kill_tree()
{
	local child

	for child in $(pgrep -P "$1"); do lab_kill_tree "$child"; done
	kill "$1" 2> /dev/null
}

# End what still runs for this run, and remove its folder.
lab_clean()
{
	local dir job

	for job in $(jobs -p); do lab_kill_tree "$job"; done
	for dir in "$lab_work"/*/; do lab_stop "$(basename "$dir")"; done
	rm -rf "$lab_work"
}

# The cache's name of the image: what it is made from. A newer kernel in Debian does not make a new image by itself.
lab_image_key()
{
	{ cat "$lab_dir"/{image.sh,../debian.sh,agent.c,client.c,guest.c,modules/{Makefile,*.[ch],nvidia-smi,sriov-manage}}; "$lab_dir/image.sh" sources; } | lab_hash
}

# Under the lock nobody else builds this image: what is left in the temporary folder is from a build that was killed.
# A build has processes and mounts of its own, which end with it.
lab_image_build()
(
	flock 9
	[ -d "$1" ] && return
	rm -rf --one-file-system "$1.tmp"
	setpriv --pdeathsig KILL unshare --mount --mount-proc --pid --fork --kill-child "$lab_dir/image.sh" build "$1.tmp" 9>&-
	mv "$1.tmp" "$1"
) 9> "$1.lock"

# Sets lab_image, which stays as long as this run and its machines. Each Debian has images of its own.
lab_image_ready()
{
	local debian=${LAB_DEBIAN:+.$LAB_DEBIAN}

	lab_image=$lab_base/$(lab_image_key)$debian || exit 1
	mkdir -p "$lab_base"
	exec {lab_image_lock}>> "$lab_image.lock"
	until [ -d "$lab_image" ] && flock -s "$lab_image_lock" && [ -d "$lab_image" ]; do
		flock -u "$lab_image_lock"
		lab_during "building a Debian image${LAB_DEBIAN:+ ($LAB_DEBIAN)}, once" 60 lab_image_build "$lab_image"
	done
	touch "$lab_image"
	lab_prune "$lab_base" "????????????????$debian"
}

# lab_prune FOLDER NAMES - of what is there, the newest two stay, and every one in use; and the logs of the last twenty runs
lab_prune()
{
	local old

	find "$1" -mindepth 1 -maxdepth 1 -type d -name "$2" -printf '%T@ %p\n' | sort -rn | cut -d' ' -f2- | tail -n +3 |
		while read -r old; do lab_unlocked "$old.lock" rm -rf --one-file-system "$old"; done
	find "$lab_base/log" -mindepth 1 -maxdepth 1 -type d 2> /dev/null | sort | head -n -20 | xargs -r rm -rf
}

# KVM may be there and hang: believe it when a kernel got through its boot in time.
lab_kvm_works()
{
	[ -w /dev/kvm ] || return 1
	timeout -k 5 30 "$lab_qemu" -machine q35,kernel-irqchip=split -accel kvm -cpu host -m 512 -nodefaults -display none \
		-no-reboot -kernel "$lab_image/vmlinuz" -initrd "$lab_image/initrd" -append "lab.probe quiet"
}

# The host: a boot VGA and two identical cards with audio in clean groups, and a group that is not viable.
#   01:00.0 VGA (boot_vga)  01:00.1 HDA        02:00.0 / 03:00.0 card  02:00.1 / 03:00.1 HDA
#   04:00.0 bridge to PCI, and behind it in one group 05:01.0 card and 05:02.0 e1000
#   06:00.0 a display of one function (virtio), which can be reset in several ways
#   07:     free, for a device that a test has plugged in (see lab_plug)
# shellcheck disable=SC2054 # QEMU's commas
lab_args=(
	-nodefaults -no-user-config -display none -vga none -no-reboot
	-device intel-iommu,intremap=on		# without intremap VFIO refuses
	-device virtio-serial-pci,id=vs0,addr=3 -device virtserialport,chardev=agent,name=lab.0
	-device virtio-rng-pci,addr=4
	-device pcie-root-port,id=rp1,bus=pcie.0,addr=10.0,multifunction=on,chassis=1,port=1
	-device pcie-root-port,id=rp2,bus=pcie.0,addr=10.1,chassis=2,port=2
	-device pcie-root-port,id=rp3,bus=pcie.0,addr=10.2,chassis=3,port=3
	-device pcie-root-port,id=rp4,bus=pcie.0,addr=10.3,chassis=4,port=4
	-device VGA,bus=rp1,addr=0.0,multifunction=on
	-device intel-hda,id=hda1,bus=rp1,addr=0.1 -device hda-output,bus=hda1.0,audiodev=none
	-device bochs-display,bus=rp2,addr=0.0,multifunction=on
	-device ich9-intel-hda,id=hda2,bus=rp2,addr=0.1 -device hda-output,bus=hda2.0,audiodev=none
	-device bochs-display,bus=rp3,addr=0.0,multifunction=on
	-device ich9-intel-hda,id=hda3,bus=rp3,addr=0.1 -device hda-output,bus=hda3.0,audiodev=none
	-device pcie-pci-bridge,id=pb,bus=rp4 -device bochs-display,bus=pb,addr=1
	-device e1000,bus=pb,addr=2,netdev=n0 -netdev user,id=n0,restrict=on
	-device pcie-root-port,id=rp5,bus=pcie.0,addr=10.4,chassis=5,port=5 -device virtio-gpu-pci,bus=rp5,addr=0.0
	-device pcie-root-port,id=rp6,bus=pcie.0,addr=10.5,chassis=6,port=6 -device nvme-subsys,id=nvs0
	-audiodev none,id=none
)
# What a test may have plugged into 07:00 of its machine. Not there from the start, because a machine with an NVMe controller
# cannot be made a snapshot. Each VF needs two queues and one interrupt of the PF's.
# shellcheck disable=SC2054 # QEMU's commas
declare -A lab_plugs=(
	[nvme]=nvme,id=nvme0,serial=lab,subsys=nvs0,bus=rp6,sriov_max_vfs=4,sriov_vq_flexible=8,sriov_vi_flexible=4
)
lab_plugs[nvme]+=,max_ioqpairs=10,msix_qsize=12,sriov_max_vq_per_vf=2,sriov_max_vi_per_vf=1
# What a test may have in its machine from the start ("# devices: cards"): six more of the two identical cards, in ports that
# are empty when the snapshot is made (the IOMMU's table names every port that it looks after, so they are there, in machines
# with lab_ports=6). The audio has the multi-function bit too: without it the kernel puts what it finds by a rescan into a group
# of its own (01:00.1 to 03:00.1 have none; the kernel knows better when it has seen the slot, and at boot it has). The kernel in it finds the cards when it is told to look (more_cards in lib.sh): 08:00.0, .1 to 0d:00.0, .1
declare -A lab_devices=([cards]='')
for ((n = 0; n < ${lab_ports:-0}; n++)); do
	lab_args+=(-device "pcie-root-port,id=rq$n,bus=pcie.0,addr=11.$n,multifunction=on,chassis=$((20 + n)),port=$((20 + n))")
	lab_devices[cards]+=" -device bochs-display,bus=rq$n,addr=0.0,multifunction=on"
	lab_devices[cards]+=" -device ich9-intel-hda,id=hdq$n,bus=rq$n,addr=0.1,multifunction=on -device hda-output,bus=hdq$n.0,audiodev=none"
done
lab_append="root=/dev/vda ro console=ttyS0 intel_iommu=on iommu=pt net.ifnames=0 quiet loglevel=3 mitigations=off"
lab_append+=" apparmor=1 security=apparmor"
# A program that is loaded at another address each time is translated anew each time: a VM start takes a third more.
lab_append+=" norandmaps"
# The kernel gives the first timer 0.2 s to tick four times, and panics: too little where the outer machine is busy.
lab_append+=" no_timer_check"

lab_accel_args()
{
	if [ "$lab_accel" = kvm ]; then
		echo -machine q35,memory-backend=ram,kernel-irqchip=split -accel kvm -cpu host
	else
		echo -machine q35,memory-backend=ram -accel tcg,thread=multi,tb-size=512 -cpu qemu64
	fi
}

lab_disk_args()
{
	echo -drive "if=none,id=d0,file=$1/disk.qcow2,format=qcow2,cache=unsafe,aio=threads" -device virtio-blk-pci,drive=d0,addr=2
}

# lab_start NAME SNAPSHOT|"" SHARE - start a machine over $lab_work/NAME/disk.qcow2 with the memory in file ram of
# SNAPSHOT, or of its own folder; it dies with the shell that started it. It has the devices in lab_more too.
lab_start()
{
	local dir=$lab_work/$1 snapshot=$2 share=$3 ram=$lab_work/$1/ram deathsig=(setpriv --pdeathsig KILL)

	[ "$share" = off ] && ram=$snapshot/ram
	[ -n "${lab_keep:-}" ] && deathsig=()
	# shellcheck disable=SC2046,SC2086 # words are wanted
	"${deathsig[@]}" "$lab_qemu" -name "$1" $(lab_accel_args) -smp "$lab_smp" -m "$lab_mem" \
		-object "memory-backend-file,id=ram,size=${lab_mem}M,mem-path=$ram,share=$share" \
		-kernel "${lab_kernel:-$lab_image/vmlinuz}" -initrd "${lab_initrd:-$lab_image/initrd}" -append "$lab_append" \
		-chardev "file,id=serial,path=$dir/serial.log" -serial chardev:serial \
		$(lab_disk_args "$dir") \
		-chardev "socket,id=agent,path=$dir/agent.sock,server=on,wait=off" \
		-monitor "unix:$dir/monitor.sock,server=on,wait=off" \
		"${lab_args[@]}" ${lab_more:-} ${snapshot:+-incoming defer} < /dev/null > "$dir/qemu.log" 2>&1 9>&- &
	echo $! > "$dir/pid"
	[ -z "$snapshot" ] && return
	lab_monitor "$1" "migrate_set_capability x-ignore-shared on" &&
		lab_monitor "$1" "migrate_incoming \"exec:cat '$snapshot/state'\"" || return 1
	until lab_monitor "$1" "info status" | grep -q running; do
		kill -0 "$(cat "$dir/pid")" 2> /dev/null || return 1
	done
}

lab_monitor() { "$lab_image/client" monitor -t 60 "$lab_work/$1/monitor.sock" "$2"; }

# lab_plug NAME KIND - plug a device of lab_plugs into the running machine; QEMU says nothing when that went well
lab_plug()
{
	local said
	said=$(lab_monitor "$1" "device_add ${lab_plugs[$2]}") && ! grep -i error <<< "$said"
}

# lab_run NAME SECONDS SCRIPT-FILE [STDIN-FILE] - run a script in the machine; its exit status, 124 at the time limit
lab_run() { "$lab_image/client" run -t "$2" "$lab_work/$1/agent.sock" "${@:3}"; }

# Only a process that is our QEMU: a pid may have been given to another one since.
lab_stop()
{
	local dir=$lab_work/$1 pid

	pid=$(cat "$dir/pid" 2> /dev/null) || return 0
	if tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -qF "$dir/"; then
		kill -KILL "$pid"
		wait "$pid" 2> /dev/null || :
	fi
	rm -f "$dir/pid"
}

# What has ended by itself; it is this shell's child, unless it was kept
lab_wait_end() { while kill -0 "$(cat "$lab_work/$1/pid")" 2> /dev/null; do wait "$(cat "$lab_work/$1/pid")" || break; done; }

# lab_reboot NAME SECONDS - switch the machine off as it is, and boot it from its disk. With the kernel that is unpacked already.
lab_reboot()
{
	local dir=$lab_work/$1

	lab_monitor "$1" quit
	lab_wait_end "$1"
	rm -f "$dir"/*.sock
	mv "$dir/serial.log" "$dir/serial.before"
	lab_kernel=$lab_image/root/var/lib/libvirt/boot/vmlinux lab_start "$1" "" on
	"$lab_image/client" wait -t "$2" "$dir/agent.sock" && return
	echo "FAIL: the machine did not come up again"
	return 1
}

# lab_save NAME DIR - make the running machine (memory shared) a snapshot in DIR, and end it
lab_save()
{
	local dir=$lab_work/$1

	mkdir -p "$2"
	lab_monitor "$1" "migrate_set_capability x-ignore-shared on"
	lab_monitor "$1" "migrate \"exec:cat > '$2/state'\""
	lab_monitor "$1" "info migrate" | grep -q 'Migration status: completed'
	lab_monitor "$1" quit
	lab_wait_end "$1"
	mv "$dir/disk.qcow2" "$dir/ram" "$2/"
	rm -f "$dir/pid"
}

# lab_overlay FILE BACKING FORMAT
lab_overlay() { rm -f "$1"; qemu-img create -q -f qcow2 -F "$3" -b "$2" "$1"; }

# A daemon for VMs and one for networks take the place of libvirtd; their archive is standard input
lab_modular_script()
{
	cat <<-'SCRIPT'
		systemctl -q disable --now libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket
		systemctl -q mask libvirtd.service
		tar -C / --no-overwrite-dir --keep-directory-symlink -xpf -
		# virsh without an address asks libvirtd's socket, in Debian's build
		echo 'uri_default = "qemu:///system"' >> /etc/libvirt/libvirt.conf
		apparmor_parser -r /etc/apparmor.d/usr.sbin.virtqemud
		systemctl daemon-reload
		for daemon in virtqemud virtnetworkd; do
			# as libvirtd's: it shall not leave when idle
			echo "${daemon^^}_ARGS=" > /etc/default/$daemon
			systemctl -q enable --now $daemon.socket $daemon-ro.socket $daemon-admin.socket $daemon.service
		done
		qemud=virtqemud
	SCRIPT
}

# Everything is up: boot has finished, udev is idle, and libvirt has seen its QEMU once, so that tests need not wait for
# either. VFIO is loaded, so that the list of modules is the same before and after a test.
lab_boot_script()
{
	# what Debian's libvirt prefers needs no word
	[ "$lab_firewall" = iptables ] || echo "echo 'firewall_backend = \"$lab_firewall\"' >> /etc/libvirt/network.conf"
	cat <<-'SCRIPT'
		set -e
		[ "$(systemctl is-system-running --wait)" = running ] || { systemctl --failed; exit 1; }
		qemud=libvirtd
	SCRIPT
	[ "$lab_daemons" = monolithic ] || lab_modular_script
	cat <<-'SCRIPT'
		udevadm settle
		[ "$(echo /dev/dri/card?)" = "$(echo /dev/dri/card{0..4})" ]
		[ "$(echo /dev/snd/controlC?)" = "/dev/snd/controlC0 /dev/snd/controlC1 /dev/snd/controlC2" ]
		modprobe vfio-pci
		grep -q "^$qemud (enforce)" /sys/kernel/security/apparmor/profiles
		cat > /tmp/warm.xml <<-XML
		<domain type='qemu'><name>warm</name><memory unit='MiB'>16</memory>
		<os><type arch='x86_64' machine='q35'>hvm</type></os>
		<devices><controller type='usb' model='none'/><memballoon model='none'/>
		<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='2'/></source></hostdev>
		<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='2' function='1'/></source></hostdev>
		</devices></domain>
		XML
		virsh create /tmp/warm.xml
		virsh destroy warm
		systemctl restart $qemud
		virsh list --all
		udevadm settle
		rm -f /tmp/warm.xml /var/log/libvirt/qemu/*
		dmesg --clear
		sync
	SCRIPT
}

lab_boot_build()
(
	set -e
	flock 9
	[ -d "$1" ] && return
	rm -rf "$1.tmp"
	mkdir -p "$1.tmp" "$lab_work/boot"
	lab_overlay "$1.tmp/disk.qcow2" ../disk.raw raw
	mv "$1.tmp/disk.qcow2" "$lab_work/boot/"
	qemu-img rebase -u -f qcow2 -F raw -b "$lab_image/disk.raw" "$lab_work/boot/disk.qcow2"
	trap 'lab_stop boot' EXIT
	lab_start boot "" on
	lab_boot_script > "$lab_work/boot/script"
	"$lab_image/client" wait -t 900 "$lab_work/boot/agent.sock"
	lab_run boot 900 "$lab_work/boot/script" ${lab_modular:+"$lab_modular"}
	lab_save boot "$1.tmp"
	qemu-img rebase -u -f qcow2 -F raw -b ../disk.raw "$1.tmp/disk.qcow2"
	mv "$1.tmp" "$1"
) 9> "$1.lock"

lab_modular_build()
(
	flock 9
	[ -f "$1" ] || { "$lab_dir/modular.sh" "$lab_image/root" "$lab_work/modular" "$1.tmp" 9>&- && mv "$1.tmp" "$1"; }
) 9> "$1.lock"
# Sets lab_modular
lab_modular_ready()
{
	lab_modular=$lab_image/modular-$(lab_hash < "$lab_dir/modular.sh").tar
	[ -f "$lab_modular" ] || lab_during "building virtqemud and virtnetworkd, once" 240 lab_modular_build "$lab_modular"
}

# Sets lab_booted, the snapshot of the host as it is after its boot.
lab_boot_ready()
{
	if [ "$lab_accel" = kvm ] && ! lab_kvm_works; then
		echo "lab: LAB_ACCEL=kvm: no kernel came up under KVM here within 30 s: emulating (TCG)"
		lab_accel=tcg
	fi
	[ "$lab_daemons" = monolithic ] || lab_modular_ready
	lab_booted=$lab_image/boot-$({
		"$lab_qemu" --version
		echo "$(lab_accel_args) $lab_smp $lab_mem ${lab_args[*]} $lab_append${lab_modular:+ ${lab_modular##*/}}"
		lab_boot_script
	} | lab_hash)
	exec {lab_booted_lock}>> "$lab_booted.lock"
	[ -d "$lab_booted" ] || lab_during "booting the emulated host, once" 40 lab_boot_build "$lab_booted"
	flock -s "$lab_booted_lock"
	touch "$lab_booted"
	lab_prune "$lab_image" 'boot-????????????????'
}

# lab_fresh NAME SNAPSHOT - a machine of its own from a snapshot, running
lab_fresh()
{
	mkdir -p "$lab_work/$1"
	rm -f "$lab_work/$1"/*.sock
	lab_overlay "$lab_work/$1/disk.qcow2" "$2/disk.qcow2" qcow2 && lab_start "$1" "$2" off
}

# lab_derive NAME FROM TO SECONDS SCRIPT [STDIN] - run a script on top of snapshot FROM and keep the result as TO
lab_derive()
{
	local name=$1 from=$2 to=$3 seconds=$4
	shift 4

	mkdir -p "$lab_work/$name"
	cp --sparse=always --reflink=auto "$from/ram" "$lab_work/$name/ram"
	lab_overlay "$lab_work/$name/disk.qcow2" "$from/disk.qcow2" qcow2
	# shellcheck disable=SC2064 # the name of now
	trap "lab_stop $name" EXIT
	lab_start "$name" "$from" on && lab_run "$name" "$seconds" "$@" && lab_save "$name" "$to"
}
