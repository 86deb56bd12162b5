# SPDX-License-Identifier: GPL-2.0-or-later
# expect.sh - a card, or a function of also, that is not the expected one is refused, by both identities
# time: 20
vm one $card1.0 $card1.1
ini one 'expect = 10de:2684'
before

refused one $card1.0 10de:2684 1234:1111
at_home $card1

ini one "also = $card2.1=10de:22ba"
refused one $card2.1 10de:22ba 8086:293e also
at_home $card2

ini one 'expect = 1234:1111'
start one
taken $card1
destroy one
after
