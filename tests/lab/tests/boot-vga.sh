# SPDX-License-Identifier: GPL-2.0-or-later
# boot-vga.sh - the boot VGA is refused, and taken when primary = yes
# time: 20
vm one $boot.0 $boot.1
ini one
before

refused one $boot.0 primary
at_home $boot

ini one 'primary = yes'
start one
taken $boot
destroy one
at_home $boot
after
