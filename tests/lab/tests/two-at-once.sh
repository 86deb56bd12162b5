# SPDX-License-Identifier: GPL-2.0-or-later
# two-at-once.sh - two VMs with different cards are started, and stopped, at the same moment
# time: 35
vm one $card1.0 $card1.1
vm two $card2.0 $card2.1
ini one
ini two
before

virsh -q start one & a=$!
virsh -q start two & b=$!
wait $a || fail "virsh start one"
wait $b || fail "virsh start two"
taken $card1
taken $card2
virsh -q destroy one & a=$!
virsh -q destroy two & b=$!
wait $a || fail "virsh destroy one"
wait $b || fail "virsh destroy two"
after
