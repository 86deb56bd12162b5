# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu-reboot.sh - after a cold boot all vGPUs are there before libvirtd runs, though the driver is late, a client early and an INI file broken
# machine: its own, because it is booted
# builds: plain, because a boot is long, and every step of the unit runs with sanitizers elsewhere
# time: 150
unit=virt-handoff-boot.service
id() { echo "11111111-2222-3333-4444-5555555555$1"; }

# a_unit NAME DEPENDENCIES TYPE COMMAND - a unit of this host that is started at boot
a_unit()
{
	local dir=/etc/systemd/system
	printf '[Unit]\n%b\n[Service]\nType=%s\nExecStart=%s\n' "$2" "$3" "$4" > "$dir/$1.service"
	ln -s "../$1.service" "$dir/multi-user.target.wants/"
}

# libvirtd is started by nothing but a client, which comes before our unit: the earliest that it can be asked for.
# NVIDIA's vgpud takes until then, and the driver until our unit waits for it.
late_host()
{
	cat > /usr/local/sbin/lab-late <<-'LATE'
		#!/bin/bash
		asked() { systemctl list-jobs libvirtd.service | grep -q start || systemctl -q is-active libvirtd; }
		waiting() { [ "$(systemctl is-active virt-handoff-boot)" = activating ] && [ -e /sys/bus/pci/devices/0000:51:00.4 ]; }
		for ((i = 0; i < 3000; i++)); do "$1" && break; sleep 0.2; done
		[ "$1" = asked ] || echo 0 > /sys/module/nvidia/parameters/late_ms
	LATE
	chmod 755 /usr/local/sbin/lab-late
	rm /etc/systemd/system/multi-user.target.wants/libvirtd.service
	a_unit lab-client 'DefaultDependencies=no\nAfter=libvirtd.socket' exec '/usr/bin/virsh list'
	a_unit nvidia-vgpud '' oneshot '/usr/local/sbin/lab-late asked'
	a_unit nvidia-vgpu-mgr 'After=nvidia-vgpud.service' exec '/bin/sleep infinity'
	a_unit lab-late '' exec '/usr/local/sbin/lab-late waiting'
	# the daemon of a host without libvirtd, and what the lab has masked to boot sooner
	a_unit virtqemud '' exec '/bin/sleep infinity'
	rm /etc/systemd/system/libvirt-guests.service
}

drivers_at_boot()
{
	gpu_tools
	printf '%s\n' mtty mdpy mbochs lab-gpus > /etc/modules-load.d/lab.conf
	printf '%s\n' 'blacklist nouveau' 'options lab-gpus count=2 vfs=4' \
		'options nvidia generation=vf,vendor late_ms=600000' > /etc/modprobe.d/lab-nvidia.conf
}

wishes()
{
	mdev_vm one "$(id 01)"
	mdev_vm two "$(id 02)"
	mdev_vm three "$(id 03)"
	vm four 0000:51:00.5
	virsh -q autostart one || fail "virsh autostart"
	printf '%s\n' '[gpu a]' "address = $(gpu 0)" 'vfs = all' '[gpu b]' "address = $(gpu 1)" 'vfs = all' \
		'[vgpus]' 'deadline = 600s' > /etc/virt-handoff/host.ini
	printf '%s\n' '[vgpu a]' 'type = mdpy-vga' > $vms/one.ini
	printf '%s\n' '[vgpu a]' 'type = mbochs-small' 'gpu = mbochs' > $vms/two.ini
	printf '%s\n' '[vgpu a]' 'type = NVIDIA A40-24A' 'gpu = a' \
		'[vgpu serial]' "uuid = $(id 04)" 'type = mtty-2' > $vms/three.ini
	printf '%s\n' '[vgpu a]' 'type = NVIDIA A40-12Q' > $vms/four.ini
	printf '%s\n' '[vgpu a]' 'typ = mdpy-vga' > $vms/broken.ini
}

stamp() { systemctl show -P "$2" "$1"; }	# stamp UNIT PROPERTY
# not_before UNIT PROPERTY OTHER PROPERTY - the first happened, and not before the second
not_before()
{
	local a b
	a=$(stamp "$1" "$2") b=$(stamp "$3" "$4")
	echo "$1 $2 $a, $3 $4 $b"
	[ "${a:-0}" -gt 0 ] && [ "${b:-0}" -gt 0 ] && [ "$a" -ge "$b" ] || fail "$1 ($2) was before $3 ($4), or one was never"
}
is_made() { [ "$(basename "$(readlink "/sys/bus/mdev/devices/$1/mdev_type")")" = "$2" ] || fail "$1 is not of the type $2"; }
# has_mdev VM UUID - its QEMU has this device open
has_mdev()
{
	local group
	group=/dev/vfio/$(basename "$(readlink "/sys/bus/mdev/devices/$2/iommu_group")")
	find "/proc/$(cat "/run/libvirt/qemu/$1.pid")/fd" -lname "$group" | grep -q . || fail "QEMU of $1 has not $group open"
}
all_made()
{
	[ "$(find /sys/bus/mdev/devices -type l | wc -l)" = 4 ] || fail "mediated devices: $(ls /sys/bus/mdev/devices)"
	is_made "$(id 01)" mdpy-vga
	is_made "$(id 02)" mbochs-small
	is_made "$(id 03)" nvidia-575
	is_made "$(id 04)" mtty-2
	reads $pci/0000:51:00.5/nvidia/current_vgpu_type 563
}
unit_says() { journalctl -q -b -o cat --no-pager -u $unit; }

# --- before the boot ---------------------------------------------------------------------------------------------------

if [ -z "$rebooted" ]; then
	note "without INI files there is nothing to do"
	systemctl start $unit || fail "$unit cannot be started"
	[ "$(stamp $unit ConditionResult) $(systemctl is-active $unit)" = 'no inactive' ] || fail "$unit runs without any INI file"
	drivers_at_boot
	wishes
	late_host
	reboot
fi

# --- after it ----------------------------------------------------------------------------------------------------------

started=ExecMainStartTimestampMonotonic ended=ExecMainExitTimestampMonotonic
note "the boot has ended, and nothing but the line in one INI file is wrong"
until_true 600 eval 'systemctl is-system-running | grep -qE "running|degraded"' || fail "the boot does not end: $(systemctl list-jobs | head -n 5)"
[ "$(stamp $unit $started)" != 0 ] || fail "$unit did not run in this boot"
[ "$(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1)" = $unit ] || fail "failed: $(systemctl list-units --failed --plain --no-legend)"
[ "$(unit_says | grep -c 'vms/broken.ini:2')" = 1 ] || fail "$unit does not say what is wrong in broken.ini: $(unit_says | tail -n 5)"
[ "$(stamp $unit Result) $(stamp $unit ExecMainStatus)" = 'exit-code 1' ] || fail "$unit ended with $(stamp $unit Result)"
all_made

note "in this order"
# it was as bad as it was meant to be: vgpud waited for the client, and our unit for the driver
not_before nvidia-vgpud $ended lab-client $started
not_before lab-late $ended $unit $started
for u in nvidia-vgpud:$ended nvidia-vgpu-mgr:$started; do not_before $unit $started ${u%:*} ${u#*:}; done
for u in libvirtd virtqemud libvirt-guests; do not_before $u $started $unit $ended; done
! journalctl -q -b --no-pager | grep -i 'ordering cycle' || fail "systemd has found an ordering cycle"
systemd-analyze --man=no verify $unit > /tmp/verify 2>&1 || fail "systemd-analyze verify: $(head -n 3 /tmp/verify)"
! grep -E 'virt-handoff|cycle' /tmp/verify || fail "systemd-analyze verify: $(head -n 3 /tmp/verify)"

note "VMs run with them: one that starts with the host, and one by hand"
until_true 300 is_domstate one running || fail "the VM that starts with the host is $(domstate one): $(journalctl -q -b -o cat -u libvirtd | tail -n 3)"
has_mdev one "$(id 01)"
start two
has_mdev two "$(id 02)"

note "the file is mended: nothing is left to do"
rm $vms/broken.ini
systemctl restart $unit || fail "$unit: $(unit_says | tail -n 3)"
all_made
[ "$(systemctl is-system-running)" = running ] || fail "failed: $(systemctl list-units --failed --plain --no-legend)"

note "make uninstall leaves nothing of the unit"
VIRT_HANDOFF_LEAVE=yes make -s -C /root/src uninstall PREFIX=/usr || fail "make uninstall"
find /etc /usr /var/lib -xdev -name '*virt-handoff-boot*' | grep . && fail "files of $unit are left"
systemctl daemon-reload
[ "$(stamp $unit LoadState)" = not-found ] || fail "systemd knows $unit still"
all_made
echo 'Command line:' > /tmp/mark	# of the kernel: the whole boot is looked at
healthy
after_done=1
