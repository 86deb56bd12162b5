# SPDX-License-Identifier: GPL-2.0-or-later
# libvirtd-killed.sh - libvirtd is killed in prepare, and comes again: nothing is left, and the VM starts
# time: 35
vm one $card1.0 $card1.1
ini one 'in-use = wait 300s'
before
hold /dev/dri/by-path/pci-$card1.0-card

virsh -q start one & job=$!
until_true 60 eval 'journal | grep -q holder' || fail "prepare does not wait for the holder"
systemctl kill --kill-who=main --signal=KILL $qemud
wait $job && fail "virsh start succeeded without libvirtd"
until_true 60 eval 'virsh list > /dev/null 2>&1' || fail "libvirtd did not come again"
systemctl stop holder
until_true 60 eval '! pgrep -f /etc/libvirt/hooks/ > /dev/null' || fail "the hook still runs"

start one
taken $card1
destroy one
at_home $card1
systemctl reset-failed
after
