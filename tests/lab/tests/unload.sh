# SPDX-License-Identifier: GPL-2.0-or-later
# unload.sh - a module that drives a taken function is unloaded last and is back first; the other card's function too
# time: 15
vm one $card1.0 $card1.1
ini one 'unload = snd_hda_intel'
before

start one
taken $card1
grep -q '^snd_hda_intel ' /proc/modules && fail "snd_hda_intel is still loaded"
destroy one
at_home $card1
at_home $card2
after
