# SPDX-License-Identifier: GPL-2.0-or-later
# reset-method.sh - reset-method is set for the VM and put back; one that the card does not have is refused
# time: 25
methods=$pci/$lone/reset_method
[ "$(wc -w < $methods)" -ge 2 ] || fail "$lone has the reset methods '$(cat $methods)': two are needed to change from one to another"
vm one
ini one 'take = none' "also = $lone" 'reset-method = bus'
before

start one
on $lone vfio-pci
[ "$(cat $methods)" = bus ] || fail "reset_method is '$(cat $methods)'"
destroy one
on $lone virtio-pci

ini one 'take = none' "also = $lone" 'reset-method = device_specific'
refused one $lone reset_method device_specific
on $lone virtio-pci
after
