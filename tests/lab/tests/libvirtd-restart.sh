# SPDX-License-Identifier: GPL-2.0-or-later
# libvirtd-restart.sh - libvirtd is restarted with the VM running: it survives, and giving back works
# time: 25
vm one $card1.0 $card1.1
ini one
before

start one
pid=$(cat /run/libvirt/qemu/one.pid)
libvirtd_does restart
until_true 60 is_domstate one running || fail "the VM is $(domstate one) after a restart of libvirtd"
[ "$(cat /proc/$pid/comm)" = qemu-system-x86 ] || fail "QEMU is gone"
taken $card1
destroy one
at_home $card1
after
