# SPDX-License-Identifier: GPL-2.0-or-later
# managed.sh - GPU and audio with managed='yes': libvirt finds them on vfio-pci, and giving back is ours
# time: 15
vm -y one $card1.0 $card1.1
ini one
before

start one
taken $card1
destroy one
at_home $card1
after
