# SPDX-License-Identifier: GPL-2.0-or-later
# attributes.sh - d3cold, power-control and reset-method are set for the VM and put back
# time: 15
vm one $card1.0 $card1.1
[ "$(cat $pci/$card1.0/d3cold_allowed)" = 1 ] || fail "d3cold_allowed is not 1 in this lab"
was=$(cat $pci/$card1.0/power/control)
[ "$was" = on ] && want=auto || want=on
ini one 'd3cold = off' "power-control = $want"
before

start one
[ "$(cat $pci/$card1.0/d3cold_allowed)" = 0 ] || fail "d3cold_allowed was not set"
[ "$(cat $pci/$card1.0/power/control)" = $want ] || fail "power/control was not set to $want"
destroy one
after
