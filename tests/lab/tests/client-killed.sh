# SPDX-License-Identifier: GPL-2.0-or-later
# client-killed.sh - virsh is killed while prepare waits for a holder: libvirt goes on, and so does the hand-over
# time: 20
vm one $card1.0 $card1.1
ini one 'in-use = wait 300s'
before
hold /dev/dri/by-path/pci-$card1.0-card

virsh -q start one & job=$!
until_true 60 eval 'journal | grep -q holder' || fail "prepare does not wait for the holder"
kill -KILL $job
wait $job && fail "virsh start ended with 0"
at_home $card1
systemctl stop holder
pause=1 until_true 120 is_domstate one running || fail "the VM is $(domstate one)"
taken $card1
destroy one
at_home $card1
after
