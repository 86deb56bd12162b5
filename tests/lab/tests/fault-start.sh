# SPDX-License-Identifier: GPL-2.0-or-later
# fault-start.sh - what a start needs is not there: room in /run, /etc, processes, VFIO, udev; refused in one sentence, or done all the same
# machine: its own, because it unloads modules that the others find loaded
# time: 30
vm one $card1.0 $card1.1
ini one
# what plays the dead file system
modprobe fuse
before
links=$(stat -c %i $pci/$card1.0/driver $pci/$card1.1/driver)
hook() { /etc/libvirt/hooks/qemu.d/50-virt-handoff one "$1" "$2" - < /etc/libvirt/qemu/one.xml; }
untouched() { [ "$links" = "$(stat -c %i $pci/$card1.0/driver $pci/$card1.1/driver)" ] || fail "$1: a function was bound anew"; }

note "fault: /run has one page: the lock has it, the ledger has none"
mkdir -p $state
mount -t tmpfs -o size=4k,mode=755 lab $state
refused one $state/ledger 'make room in /run'
untouched "no room in /run"
note "fault: /run is read-only"
mount -o remount,ro $state
refused one $state
untouched "/run is read-only"
umount $state

note "fault: no process can be made (pids.max of the control group)"
systemd-run -q --scope -p TasksMax=1 /etc/libvirt/hooks/qemu.d/50-virt-handoff one prepare begin - < /etc/libvirt/qemu/one.xml 2> /tmp/err &&
	fail "a start without a second process succeeds"
[ "$(grep -c . /tmp/err)" = 1 ] || fail "not one sentence: $(cat /tmp/err)"
grep -q 'temporarily unavailable' /tmp/err || fail "it does not say why: $(cat /tmp/err)"
at_home $card1
hook prepare begin || fail "prepare"
taken $card1
systemd-run -q --scope -p TasksMax=1 /etc/libvirt/hooks/qemu.d/50-virt-handoff one release end - < /etc/libvirt/qemu/one.xml
[ -L $state/names/one ] || fail "nothing could be given back, and the ledger is gone"
hook release end
at_home $card1

note "fault: the file system of /etc/virt-handoff/vms has died"
exec 9<> /dev/fuse
mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 dead $vms || fail "no dead file system"
exec 9>&-
refused one virt-handoff/vms
umount $vms

note "fault: the driver refuses the device"
ini one 'driver = virtio-pci'
refused one $card1 'the driver refused the device'
at_home $card1
ini one

note "fault: the module is missing"
loaded=$(grep -o '^vfio[^ ]*' /proc/modules)
modprobe -r vfio-pci || fail "vfio-pci cannot be unloaded"
ko=$(modinfo -n vfio-pci)
mv "$ko" "$ko.away"
refused one vfio_pci
mv "$ko.away" "$ko"
at_home $card1
# shellcheck disable=SC2086 # words are wanted
modprobe -a $loaded

note "fault: udev does not run"
systemctl stop systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd.service
start one
taken $card1
destroy one
at_home $card1
systemctl start systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd.service
after
