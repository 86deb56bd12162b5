# SPDX-License-Identifier: GPL-2.0-or-later
# second-card.sh - the second of two identical cards goes; the first is never touched
# time: 15
vm one $card2.0 $card2.1
ini one
before
# The link is made anew by every bind: the same inode means that nobody unbound it.
links=$(stat -c %i $pci/$card1.0/driver $pci/$card1.1/driver)

start one
taken $card2
at_home $card1
destroy one
[ "$links" = "$(stat -c %i $pci/$card1.0/driver $pci/$card1.1/driver)" ] || fail "the first card was bound anew"
after
