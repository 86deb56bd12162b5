# SPDX-License-Identifier: GPL-2.0-or-later
# attach.sh - attach and detach move a card from one running VM to another; what was attached goes back when the VM stops
# time: 60
# builds: both
boot_eject /var/lib/libvirt/images/one.img
boot_eject /var/lib/libvirt/images/two.img
vm -p -d /var/lib/libvirt/images/one.img one
vm -p -d /var/lib/libvirt/images/two.img two
ini two
before
start one
start two

note "one gets a card, which two is refused"
handoff attach one $card1.0
taken $card1
has one $card1.0
handoff attach one $card1.0	# again: it has it
no_handoff attach two $card1.0 "taken by VM 'one'"
has_not two $card1.0

note "it moves to two"
handoff detach one $card1.0
has_not one $card1.0
at_home $card1
[ ! -L $state/names/one ] || fail "one still has a ledger"
handoff detach one $card1.0
handoff attach two $card1.0
has two $card1.0
taken $card1

note "audio too: the card goes back with the last of both"
handoff attach two $card1.1
has two $card1.1
handoff detach two $card1.0
taken $card1
handoff detach two $card1.1
at_home $card1

note "what libvirt refuses is taken back"
no_handoff attach one $crowd.0 "cannot be had alone"
handoff attach one $card2.0
handoff attach two $card1.0
no_handoff undo one "runs"
no_handoff attach off $card1.0 "no VM"

note "when the VMs stop all goes back"
destroy one
at_home $card2
destroy two
at_home $card1
after
