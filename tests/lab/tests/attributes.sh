# SPDX-License-Identifier: GPL-2.0-or-later
# attributes.sh - d3cold and power-control are set for the VM and put back
# time: 15
vm one $card1.0 $card1.1
[ "$(cat $pci/$card1.0/d3cold_allowed)" = 1 ] && d3cold=off d3cold_want=0 || d3cold=on d3cold_want=1
[ "$(cat $pci/$card1.0/power/control)" = on ] && power=auto || power=on
ini one "d3cold = $d3cold" "power-control = $power"
before

start one
[ "$(cat $pci/$card1.0/d3cold_allowed)" = $d3cold_want ] || fail "d3cold_allowed was not set to $d3cold_want"
[ "$(cat $pci/$card1.0/power/control)" = $power ] || fail "power/control was not set to $power"
destroy one
after
