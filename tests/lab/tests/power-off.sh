# SPDX-License-Identifier: GPL-2.0-or-later
# power-off.sh - a VM that shuts itself down, and one that answers virsh shutdown
# time: 20
boot_off /var/lib/libvirt/images/off.img
boot_acpi /var/lib/libvirt/images/acpi.img
vm -d /var/lib/libvirt/images/off.img one $card1.0 $card1.1
vm -d /var/lib/libvirt/images/acpi.img two $card1.0 $card1.1
ini one
ini two
before

start one
taken $card1
until_true 90 is_domstate one 'shut off' || fail "the guest did not power itself off"
until_true 30 test ! -L $state/names/one || fail "the release never came"
at_home $card1

start two
taken $card1
# The guest listens to the button only after its firmware has run.
pause=2 until_true 90 eval 'virsh -q shutdown two; is_domstate two "shut off"' || fail "the guest did not answer virsh shutdown"
until_true 30 test ! -L $state/names/two || fail "the release never came"
at_home $card1
after
