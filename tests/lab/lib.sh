# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - what every lab test uses: making VMs and INI files, asking for the host's state, and comparing it
#
# Runs in the lab, in front of the test. A test says `before` when its VMs and files are made, `after` when all is over;
# `after` fails unless the host is as it was. Nothing here waits for a time: it waits for a condition, with a limit.
set -u

# shellcheck disable=SC2034 # for the tests
{
	card1=0000:02:00	# two identical cards: function 0 display, function 1 audio
	card2=0000:03:00
	boot=0000:01:00		# the boot VGA and its audio
	crowd=0000:05:01	# in one group with an e1000 that the host uses
	crowd_nic=0000:05:02.0
	lone=0000:06:00.0	# a display of one function
}
# how libvirt makes its firewall rules
firewall=iptables
! grep -qs '^firewall_backend = "nftables"' /etc/libvirt/network.conf || firewall=nftables
# who runs VMs and who runs networks: one daemon, or one each (LAB_DAEMONS=modular); the units have the same names
qemud=libvirtd networkd=libvirtd
[ ! -e /usr/sbin/virtqemud ] || qemud=virtqemud networkd=virtnetworkd
vms=/etc/virt-handoff/vms
state=/run/virt-handoff
pci=/sys/bus/pci/devices

fail()
{
	printf 'FAIL: %s\n' "$*"
	report
	exit 1
}
skip() { printf 'SKIP: %s\n' "$*"; exit 77; }
note() { printf -- '-- %s\n' "$*"; }

# What a person would look at first.
report()
{
	drivers | grep -E 'vfio|bochs|snd|e1000| -$'
	find $state -type f 2> /dev/null | while read -r f; do echo "$f:"; head -n 40 "$f"; done
	virsh -q list --all
	journalctl -q --no-pager -o short-monotonic -t virt-handoff -t $qemud -t $networkd | tail -n 40
	dmesg | tail -n 20
}

# until_true SECONDS COMMAND... - the only way to wait; every $pause seconds, 0.2 when that is not set
until_true()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep "${pause:-0.2}"
	done
}

# reboot - the machine is switched off, and booted from its disk; then the test runs again, with this set: rebooted=1
reboots=98 rebooted=${rebooted:-}
reboot() { sync; exit $reboots; }

# --- VMs ---------------------------------------------------------------------------------------------------------------

hostdev()	# hostdev ADDRESS MANAGED
{
	[[ $1 =~ ^(....):(..):(..)\.(.)$ ]] || fail "bad address $1"
	printf "<hostdev mode='subsystem' type='pci' managed='%s'><source>" "$2"
	printf "<address domain='0x%s' bus='0x%s' slot='0x%s' function='0x%s'/></source></hostdev>\n" "${BASH_REMATCH[@]:1}"
}

# vm [-y] [-d IMAGE] [-s FILE] [-g] [-p] [-n MAC] NAME [ADDRESS...] - define a VM; -y: managed='yes'; -d: it boots this disk;
# -s: what it writes to its serial port goes there; -n: it has an interface in libvirt's network default; -g: with it, the
# guest of guest.c; -p: a PC with PCI slots, into which functions can be plugged
vm()
{
	local managed=no disk='' boot='' machine=q35 memory=16 card=virtio mac='' name a opt OPTIND=1

	while getopts yd:s:gpn: opt; do
		case $opt in
		y) managed=yes ;;
		p) machine=pc ;;
		g)
			boot="<kernel>$guest/vmlinux</kernel><initrd>$guest/initrd</initrd><cmdline>$guest_cmdline</cmdline>"
			machine=pc memory=128 card=ne2k_pci ;;
		n) mac=$OPTARG ;;
		d) disk="<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$OPTARG'/><target dev='vda' bus='virtio'/></disk>" ;;
		s) disk+="<serial type='file'><source path='$OPTARG'/></serial>" ;;
		*) fail "vm: bad option" ;;
		esac
	done
	shift $((OPTIND - 1))
	name=$1
	shift
	[ -z "$mac" ] || disk+="<interface type='network'><mac address='$mac'/><source network='default'/><model type='$card'/><rom enabled='no'/></interface>"
	cat > /tmp/vm.xml <<-XML
		<domain type='qemu'><name>$(sed 's/&/\&amp;/g; s/</\&lt;/g' <<< "$name")</name>
		<memory unit='MiB'>$memory</memory><vcpu>1</vcpu>
		<os><type arch='x86_64' machine='$machine'>hvm</type>$boot</os><features><acpi/></features>
		<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
		<devices><controller type='usb' model='none'/><memballoon model='none'/>$disk
		$(for a in "$@"; do hostdev "$a" $managed; done)
		</devices></domain>
	XML
	virsh -q define /tmp/vm.xml || fail "virsh define '$name'"
}

# ini NAME [LINE...] - the VM's INI file: [devices] and these lines
ini()
{
	local name=$1
	shift
	{ echo '[devices]'; [ $# = 0 ] || printf '%s\n' "$@"; } > "$vms/$name.ini"
	chmod 0644 "$vms/$name.ini"
}

# libvirtd_does VERB - systemctl does this with libvirtd, or with the daemons in its place
libvirtd_does()
{
	local unit
	for unit in $(printf '%s\n' $qemud $networkd | uniq); do
		systemctl "$1" "$unit" || fail "systemctl $1 $unit"
	done
}

start()
{
	virsh -q start -- "$1" > /tmp/start.out 2>&1 && return
	cat /tmp/start.out
	fail "virsh start '$1': $(grep . /tmp/start.out | tail -n 1)"
}
destroy() { virsh -q destroy -- "$1" || fail "virsh destroy '$1'"; }
domstate() { virsh domstate -- "$1" | head -n 1; }
# virsh takes as long as a VM needs to get on: who asks again and again leaves it time
is_domstate() { [ "$(domstate "$1")" = "$2" ] || { sleep 0.5; false; }; }

# refused NAME WORD... - the start fails, and what virsh shows is one sentence that has every word; the VM is off
refused()
{
	local name=$1 word
	shift

	virsh start -- "$name" > /tmp/start.out 2>&1 && fail "virsh start '$name' was not refused"
	cat /tmp/start.out
	for word in "$@"; do
		grep -qF -- "$word" /tmp/start.out || fail "the refusal does not say '$word': $(tr '\n' ' ' < /tmp/start.out)"
	done
	[ "$(grep -c . /tmp/start.out)" = 2 ] || fail "the refusal is not one sentence: $(sed -n 2,4p /tmp/start.out | tr '\n' ' ')"
	is_domstate "$name" 'shut off' || fail "'$name' is $(domstate "$name") after a refused start"
}

# A boot sector, from its bytes; the rest of the image is zero, and 1 MiB.
boot_image()	# boot_image FILE BYTES
{
	truncate -s 0 "$1"
	printf '%b' "$(tr -d ' \n\t' <<< "$2" | sed 's/../\\x&/g')" > "$1"
	truncate -s 510 "$1"
	printf '\x55\xaa' >> "$1"
	truncate -s 1M "$1"
}

# sti; xor ax,ax; mov ds,ax; mov bx,[46c]; 1: hlt; mov ax,[46c]; sub ax,bx; cmp ax,TICKS; jb 1b; then BYTES; then hlt for ever.
# 46c counts 18.2 ticks a second.
boot_after()	# boot_after FILE TICKS(2 hex digits) BYTES
{
	boot_image "$1" "fb 31c0 8ed8 8b1e6c04 f4 a16c04 29d8 3d${2}00 72f5 $3 f4 ebfd"
}
boot_off() { boot_after "$1" 24 "ba0406 b80020 ef"; }	# out PM1a_CNT (604), SLP_EN: ACPI S5 of q35
boot_reset() { boot_after "$1" 24 "b0fe e664"; }	# the keyboard controller's reset line

# Sets PWRBTN_EN in PM1a_EN (602), waits for PWRBTN_STS in PM1a_STS (600), and powers off: `virsh shutdown` works.
# In between it writes a '!' to the first serial port: it is ready.
boot_acpi() { boot_image "$1" "fb ba0206 b80001 ef baf803 b021 ee f4 ba0006 ed f6c401 74f6 ba0406 b80020 ef f4 ebfd"; }

# Gives back what it is asked for, as the AML of QEMU's machine pc does: 1: select bus 0 (ae10); read what shall go (ae04), and
# eject that (ae08); hlt; 1b. Before the firmware has run it hears nothing.
# sti; 1: xor eax,eax; mov dx,ae10; out dx,eax; mov dl,4; in eax,dx; mov dl,8; out dx,eax; hlt; jmp 1b
boot_eject() { boot_image "$1" "fb 6631c0 ba10ae 66ef b204 66ed b208 66ef f4 ebed"; }

# handoff WORD... - the command does it; no_handoff WORD... SENTENCE - it fails, and says that
handoff() { virt-handoff "$@" > /tmp/handoff.out 2>&1 || fail "virt-handoff $*: $(cat /tmp/handoff.out)"; }
no_handoff()
{
	local words=("${@:1:$#-1}") sentence=${*: -1}

	! virt-handoff "${words[@]}" > /tmp/handoff.out 2>&1 || fail "virt-handoff ${words[*]} was not refused"
	grep -qF -- "$sentence" /tmp/handoff.out || fail "virt-handoff ${words[*]} does not say '$sentence': $(cat /tmp/handoff.out)"
}

# has VM ADDRESS - the running VM has this function; has_not VM ADDRESS - it has not
gives()
{
	[[ $2 =~ ^(....):(..):(..)\.(.)$ ]] || fail "bad address $2"
	virsh dumpxml "$1" | grep -qF "$(printf "<address domain='0x%s' bus='0x%s' slot='0x%s' function='0x%s'/>" "${BASH_REMATCH[@]:1}")"
}
has() { gives "$1" "$2" || fail "$1 does not have $2"; }
has_not() { ! gives "$1" "$2" || fail "$1 has $2"; }

# hold FILE - a unit, holder.service, whose process (sleep) has this device file open; sets holder_pid
hold()
{
	systemd-run -q --unit=holder bash -c "exec 3< $1; exec sleep 1000"
	until_true 20 holds "$(realpath "$1")" || fail "the holder does not hold $1"
	# shellcheck disable=SC2034 # for the test
	holder_pid=$(systemctl show -P MainPID holder)
}
holds()
{
	local pid
	pid=$(systemctl show -P MainPID holder)
	[ "$(cat "/proc/$pid/comm" 2> /dev/null)" = sleep ] && find "/proc/$pid/fd" -lname "$1" 2> /dev/null | grep -q .
}

# --- forwards ----------------------------------------------------------------------------------------------------------

guest=/var/lib/libvirt/boot
# Half of what this kernel does before its first program is for hardware and services that the guest has not.
guest_cmdline='quiet panic=-1 acpi=off nosmp mitigations=off tsc=reliable no_timer_check lpj=1000000 ipv6.disable=1 lsm=, '
guest_cmdline+='cryptomgr.notests initcall_blacklist=init_kprobe_trace,crypto_kdf108_init,cmos_init,trace_eval_init,hpet_init,'
guest_cmdline+='load_system_certificate_list,init_ima,init_evm,i8042_init,init_zswap'

# shellcheck disable=SC2034 # for the tests
{
	mac=52:54:00:00:00:01 mac2=52:54:00:00:00:02
	host_ip=203.0.113.1 client_ip=203.0.113.10	# between the host and its client
	bridge_ip=192.168.122.1				# of libvirt's network default
}

# forwarding - libvirt's network, a client and another guest (namespaces), and the watch, as the README says
forwarding()
{
	virsh -q net-start default || fail "virsh net-start default"
	namespace client $client_ip $host_ip
	ip address add $host_ip/24 dev v-client
	namespace neighbour 192.168.122.250 $bridge_ip
	ip link set v-neighbour master virbr0
	systemctl -q enable --now virt-handoff-watch.path || fail "virt-handoff-watch.path cannot be enabled"
}

namespace()	# namespace NAME ADDRESS GATEWAY
{
	ip netns add "$1"
	ip link add "v-$1" type veth peer name eth0 netns "$1"
	ip link set "v-$1" up
	ip -n "$1" link set eth0 up
	ip -n "$1" address add "$2/24" dev eth0
	ip -n "$1" route add default via "$3"
}

forwarding_off()
{
	local ns

	[ -e /sys/class/net/v-client ] || return 0
	systemctl -q disable --now virt-handoff-watch.path
	for ns in client neighbour; do
		! ip link delete "v-$ns" 2> /dev/null || ip netns delete $ns
	done
	virsh -q net-destroy default
	rm -f /var/lib/libvirt/dnsmasq/virbr0.status	# a guest that comes again shall ask again
}

# ask NAMESPACE|host ADDRESS PORT - what whoever is there says; fails when nobody answers
ask()
{
	local in=()
	[ "$1" = host ] || in=(ip netns exec "$1")
	"${in[@]}" timeout 20 bash -c "cat < /dev/tcp/$2/$3" 2> /dev/null | grep .
}

# reach NAMESPACE|host ADDRESS PORT - the guest answers; sets guest_ip, and from: whom the guest sees
reach()
{
	local answer

	answer=$(ask "$@") || fail "no answer: $*"
	[[ $answer =~ ^'I am '([0-9.]+)', you are '([0-9.]+)$ ]] || fail "$* is answered by '$answer'"
	# shellcheck disable=SC2034 # for the tests
	guest_ip=${BASH_REMATCH[1]} from=${BASH_REMATCH[2]}
}
no_reach() { ! answer=$(ask "$@") || fail "$* is answered by '$answer'"; }

# forwarded PORT - an element of our table
forwarded() { nft list map inet virt_handoff any4 2> /dev/null | grep -q "tcp \. $1 "; }
not_forwarded() { ! forwarded "$1"; }
# The chain that libvirt would reject in is emptied; our rule is its first; libvirt's are in it
foreign_flush() { if [ $firewall = nftables ]; then nft flush chain ip libvirt_network forward; else iptables -F FORWARD; fi; }
head_rule()
{
	if [ $firewall = nftables ]; then
		nft list chain ip libvirt_network forward 2> /dev/null | sed -n 4p | grep -q 'meta mark .* accept'
	else
		iptables -S FORWARD | sed -n 2p | grep -q -- '-m mark --mark .* -j ACCEPT'
	fi
}
libvirt_rejects()
{
	if [ $firewall = nftables ]; then
		nft list chain ip libvirt_network guest_input 2> /dev/null | grep -q reject
	else
		iptables -S LIBVIRT_FWI | grep -q REJECT
	fi
}
# The port of the running VM one in its bridge
in_bridge() { ip -o link show master virbr0 | grep -q ': vnet'; }
libvirtd_restart()
{
	libvirtd_does restart
	until_true 120 is_domstate one running || fail "the VM is $(domstate one) after a restart of libvirtd"
}
is_watch() { [ "$(systemctl is-active virt-handoff-watch.service)" = "$1" ]; }

# --- the host's state --------------------------------------------------------------------------------------------------

driver()	# driver ADDRESS - its name, or - for none
{
	local l
	l=$(readlink "$pci/$1/driver") && echo "${l##*/}" || echo -
}
drivers() { local d; for d in "$pci"/*; do echo "${d##*/} $(driver "${d##*/}")"; done; }

# more_cards - those of "# devices: cards" are looked for, and the host's drivers have them. Their ports were empty when the
# machine booted: the slots are switched off (bit 10 of Slot Control, 18h behind QEMU's PCIe capability), and the windows are
# too small until the kernel finds the ports anew.
drivers_are() { [ "$(drivers | grep -c " $1\$")" -ge "$2" ]; }
more_cards()
{
	local port

	drivers_are bochs-drm 10 && drivers_are snd_hda_intel 9 && return
	for port in "$pci"/0000:00:11.*; do
		printf '\0\0' | dd of="$port/config" bs=1 seek=$((0x6c)) conv=notrunc status=none
		echo 1 > "$port/remove"
	done
	echo 1 > /sys/bus/pci/rescan
	{ until_true 900 drivers_are bochs-drm 10 && until_true 900 drivers_are snd_hda_intel 9; } || fail "not all cards have a driver"
	udevadm settle
	for port in "$pci"/0000:0[89a-d]:00.0; do
		[ "$(readlink "$port/iommu_group")" = "$(readlink "${port%0}1/iommu_group")" ] || fail "${port##*/} and its audio are in two groups"
	done
}

on() { [ "$(driver "$1")" = "$2" ] || fail "$1 is on driver '$(driver "$1")', expected '$2'"; }
taken() { on "$1.0" vfio-pci; on "$1.1" vfio-pci; }	# taken CARD
at_home() { on "$1.0" bochs-drm; on "$1.1" snd_hda_intel; }

# Reading driver_override takes the device's lock: with a limit, a device that hangs is a finding and not the end.
host_state()
{
	echo "== drivers"
	find "$pci"/*/ -maxdepth 1 -name driver -printf '%h %l\n' | sort
	echo "== attributes"
	(cd "$pci" && timeout 20 grep -H '' ./*/driver_override ./*/d3cold_allowed ./*/power/control ./*/reset_method 2> /dev/null) ||
		echo "not readable"
	echo "== nodes"
	find "$pci"/*/drm "$pci"/*/sound -mindepth 1 -maxdepth 1 -name 'card[0-9]*' -printf '%h\n' 2> /dev/null | sort
	echo "== consoles"
	grep -H '' /sys/class/vtconsole/*/bind
	echo "== modules"
	# what the kernel loads by itself for a rule or an interface stays; and dm_mod, for libvirt 11, which asks the device
	# mapper about each disk
	cut -d' ' -f1 /proc/modules | grep -vE '^(nf_|nft_|xt_|tun$|dm_mod$)' | sort
	echo "== units"
	systemctl list-units --plain --no-legend --state=active --type=service,socket,timer,mount,target | cut -d' ' -f1 |
		grep -v '^systemd-\(hostnamed\|machined\|timedated\)\.service$' | sort
	echo "== VMs"
	virsh -q list --all | sed 's/^ *[0-9-]* *//' | sort
	echo "== vGPUs and virtual functions"
	ls /sys/bus/mdev/devices 2> /dev/null || :	# install.sh ends where something fails
	(cd "$pci" && grep -H '' ./*/sriov_numvfs 2> /dev/null) || :
	echo "== $state"
	# folders stay once they are made, and the file of a lock is no state
	{ find $state -mindepth 1 ! -type d ! -path '*/lock/*' 2> /dev/null || :; } | sort
	echo "== network"
	nft -s list ruleset 2> /dev/null
	ip -o link | awk '{ print $2 }' | sort
	grep -H '' /proc/sys/net/ipv[46]/conf/all/forwarding /proc/sys/net/ipv4/conf/*/route_localnet
}

# Every file that an installation could have left; what the system itself writes is not among them.
files_list()
{
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /var/log \
		-o -path /var/cache -o -path /var/lib/systemd -o -path /var/lib/libvirt -o -path /root -o -path /etc/libvirt/qemu \
		-o -path /etc/apparmor.d/libvirt \) -prune -o -printf '%p %M %u\n' | sort
}

before()
{
	udevadm settle
	# looking at the ruleset loads modules: not between before and after
	nft list ruleset > /dev/null
	dmesg --clear
	echo "lab-before-$EPOCHREALTIME" > /tmp/mark
	logger -t lab -- "$(cat /tmp/mark)"
	until_true 60 eval 'journalctl -q -t lab -o cat | grep -qFf /tmp/mark' || fail "the journal does not take lines"
	host_state > /tmp/before
}

# What the suite has said since before; the mark is in a file, because a test may be several scripts, as the demo is.
journal() { journalctl -q --no-pager -o cat -t lab -t virt-handoff | sed "1,/$(cat /tmp/mark)/d"; }

# after - the host is as it was; nothing was denied to the hooks, nothing oopsed, no sanitizer spoke
after()
{
	udevadm settle
	host_state > /tmp/after
	if ! cmp -s /tmp/before /tmp/after; then
		# udev may still be loading a card's driver back: look again before believing it
		until_true 10 eval 'host_state > /tmp/after; cmp -s /tmp/before /tmp/after' || {
			diff /tmp/before /tmp/after > /tmp/diff
			echo "FAIL: the host is not as before: $(grep '^[<>]' /tmp/diff | head -n 4 | tr '\n' ';')"
			cat /tmp/diff
			report
			exit 1
		}
	fi
	healthy
	after_done=1
}

healthy()
{
	if dmesg | grep -E 'BUG:|Oops|WARNING: |blocked for more than|Call Trace|general protection|soft lockup' > /tmp/bad; then
		fail "the kernel complains: $(head -n 1 /tmp/bad)"
	fi
	journalctl -q --no-pager | sed "1,/$(cat /tmp/mark)/d" > /tmp/journal
	# virt-aa-helper, which runs for another VM, holds no device: that the hook may not look at it is no loss.
	if grep 'apparmor="DENIED"' /tmp/journal | grep -E 'virt-handoff|50-virt|comm="(qemu|network|watch|systemctl)"' |
		grep -v 'operation="ptrace".*requested_mask="read".*peer="virt-aa-helper"' > /tmp/bad; then
		fail "AppArmor denied our hooks something: $(head -n 1 /tmp/bad)"
	fi
	if grep -E 'AddressSanitizer|LeakSanitizer|UndefinedBehavior|runtime error: ' /tmp/journal > /tmp/bad; then
		fail "sanitizer: $(head -n 1 /tmp/bad)"
	fi
}

# said WORD - one line of the suite in the journal has it
said() { journal | grep -qF -- "$1" || fail "the journal does not say '$1'"; }

# --- passes ------------------------------------------------------------------------------------------------------------

test_end() { [ -n "$after_done" ] || fail "the test never called after"; }

# The build that is installed, from what its hook is linked with
installed()
{
	local hook=/etc/libvirt/hooks/virt-handoff/qemu

	[ -e $hook ] || return
	grep -q __asan_init $hook && echo sanitizers || echo plain
}

# The first build of this run is the one that is installed in the snapshot; every one is in /root.
use_build()
{
	[ "$(installed)" != "$1" ] || return 0
	tar -C / --no-overwrite-dir --keep-directory-symlink -xpf "/root/$1.tar" ./etc ./usr
	[ "$(installed)" = "$1" ] || fail "the hook on this host is the build '$(installed)', not '$1'"
}

# as_new - the machine is as the snapshot was, so that another test can have it
as_new()
{
	udevadm settle
	until_true 5 eval 'host_state > /tmp/now; cmp -s /root/new /tmp/now' && echo "== as new" && return
	diff /root/new /tmp/now | head -n 20
}

# What a test has left by intention: VMs, INI files, its own unit
clean()
{
	local uuid

	for uuid in $(virsh -q list --all --uuid); do
		is_domstate "$uuid" 'shut off' || virsh -q destroy "$uuid"
		virsh -q undefine "$uuid" || fail "virsh undefine $uuid"
	done
	rm -rf "${vms:?}"/* /tmp/* /var/lib/libvirt/images/*
	systemctl stop holder lab-shared 2> /dev/null
	forwarding_off
	systemctl reset-failed
	libvirtd_does reload
}

# pass BUILD - the whole test with this build of the suite
pass()
{
	local from status
	from=$(date +%s%N)

	echo "== $1 begins"
	use_build "$1"
	after_done=''
	(test_body && test_end)
	status=$?
	[ $status != "$reboots" ] || exit $status
	echo "== $1 ends: $status $(date +%s%N | awk -v from="$from" '{ printf "%.1f", ($1 - from) / 1e9 }')"
	[ $status = 0 ] || exit $status
	clean
}
