# SPDX-License-Identifier: GPL-2.0-or-later
# siblings.sh - only function 0 is in the XML: function 1 comes along; with siblings = no the group is refused
# time: 20
vm one $card1.0
ini one
before

start one
taken $card1
destroy one
at_home $card1

ini one 'siblings = no'
refused one $card1.1
at_home $card1
after
