# SPDX-License-Identifier: GPL-2.0-or-later
# holder-waits.sh - in-use = wait goes on when the holder leaves
# time: 20
vm one $card1.0 $card1.1
ini one 'in-use = wait 120s'
before
hold /dev/dri/by-path/pci-$card1.0-card

virsh -q start one & job=$!
until_true 60 eval 'journal | grep -q holder' || fail "nothing was said about the holder while waiting"
at_home $card1
systemctl stop holder
wait $job || fail "virsh start failed although the holder has left"
taken $card1
destroy one
after
