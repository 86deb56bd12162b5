# SPDX-License-Identifier: GPL-2.0-or-later
# start-fails.sh - prepare succeeds and the start fails later (driver = pci-stub): everything comes back by the release
# machine: its own, because after a hand-over to vfio-pci bochs-drm does not take a card back from pci-stub ("ID mismatch")
# time: 15
modprobe pci-stub || fail "no pci-stub in this kernel"
vm one $card1.0 $card1.1
ini one 'driver = pci-stub'
before

virsh start one > /tmp/start.out 2>&1 && fail "QEMU started with a card on pci-stub"
cat /tmp/start.out
said "driver $card1.0: bochs-drm -> pci-stub"
is_domstate one 'shut off' || fail "the VM is $(domstate one)"
until_true 60 test ! -L $state/names/one || fail "the release never came"
at_home $card1
after
