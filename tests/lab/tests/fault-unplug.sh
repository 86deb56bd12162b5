# SPDX-License-Identifier: GPL-2.0-or-later
# fault-unplug.sh - a function is unplugged in prepare, before release, and while the VM runs so that it goes with its end: the rest comes back
# machine: its own, because its cards are found again by a rescan
# time: 30
vm one $card1.0 $card1.1
ini one 'stop-units = lab-pull.service'
# its stop is a step of prepare: the plan is made, and no driver is changed yet
cat > /usr/local/bin/lab-pull <<-SH
	#!/bin/sh
	[ ! -e /run/lab-pull ] || echo 1 > $pci/$card1.1/remove
SH
chmod 755 /usr/local/bin/lab-pull
printf '[Service]\nExecStart=sleep infinity\nExecStop=/usr/local/bin/lab-pull\n' > /etc/systemd/system/lab-pull.service
systemctl daemon-reload
systemctl start lab-pull
before
there() { [ -e $pci/$card1.1 ]; }
gone() { ! there; }
plug()
{
	echo 1 > /sys/bus/pci/rescan
	until_true 60 there || fail "the rescan does not find $card1.1"
	until_true 60 eval "[ \"\$(driver $card1.1)\" = snd_hda_intel ]" || fail "$card1.1 is on $(driver $card1.1) after the rescan"
}

note "fault: unplugged in prepare"
touch /run/lab-pull
refused one $card1.1 unplugged
gone || fail "it was not unplugged: this test shows nothing"
rm /run/lab-pull
on $card1.0 bochs-drm
[ ! -L $state/names/one ] || fail "a ledger is left: $(cat $state/ledger/*)"
plug
at_home $card1

note "fault: unplugged between stopped and release"
hook() { /etc/libvirt/hooks/qemu.d/50-virt-handoff one "$1" "$2" - < /etc/libvirt/qemu/one.xml || fail "$1"; }
hook prepare begin
taken $card1
hook stopped end
echo 1 > $pci/$card1.1/remove
gone || fail "it was not unplugged: this test shows nothing"
hook release end
on $card1.0 bochs-drm
[ ! -L $state/names/one ] || fail "a ledger is left: $(cat $state/ledger/*)"
plug
at_home $card1

note "fault: unplugged while the VM runs; the kernel waits for the VM"
start one
taken $card1
echo 1 > $pci/$card1.1/remove & remove=$!
until_true 60 eval 'dmesg | grep -q "Relaying device request"' || fail "the kernel does not ask for the device"
is_domstate one running || fail "the VM is $(domstate one)"
destroy one
wait $remove
gone || fail "it was not unplugged: this test shows nothing"
[ ! -L $state/names/one ] || fail "a ledger is left: $(cat $state/ledger/*)"
on $card1.0 bochs-drm
plug
at_home $card1
! grep -qv null $pci/$card1.1/driver_override || fail "an override is left"
after
rm /usr/local/bin/lab-pull /etc/systemd/system/lab-pull.service
