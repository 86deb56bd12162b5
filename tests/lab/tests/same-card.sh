# SPDX-License-Identifier: GPL-2.0-or-later
# same-card.sh - a card that a running VM has is refused to a second one, by the first one's name; the first is unharmed
# time: 25
vm first $card1.0 $card1.1
vm second $card1.0 $card1.1
ini first
ini second
before

start first
pid=$(cat /run/libvirt/qemu/first.pid)
# libvirt itself would refuse it too, but only after our hook: these words are ours
refused second $card1 "taken by VM 'first'"
is_domstate first running || fail "the first VM is $(domstate first)"
[ "$pid" = "$(cat /run/libvirt/qemu/first.pid)" ] || fail "the first VM's QEMU is another one"
taken $card1
[ "$(find $state/ledger -type f | wc -l)" = 1 ] || fail "the refused VM left a ledger"

destroy first
at_home $card1
start second
taken $card1
destroy second
after
