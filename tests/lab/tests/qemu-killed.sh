# SPDX-License-Identifier: GPL-2.0-or-later
# qemu-killed.sh - QEMU is killed: everything comes back by itself
# time: 15
vm one $card1.0 $card1.1
ini one
before

start one
taken $card1
kill -KILL "$(cat /run/libvirt/qemu/one.pid)"
until_true 30 is_domstate one 'shut off' || fail "libvirt did not notice"
until_true 30 test ! -L $state/names/one || fail "the release never came"
at_home $card1
after
