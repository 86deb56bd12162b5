# SPDX-License-Identifier: GPL-2.0-or-later
# give-back-no.sh - give-back = no: the card stays on vfio-pci, and the ledger ends
# time: 15
vm one $card1.0 $card1.1
ini one 'give-back = no'
before

start one
destroy one
taken $card1
[ -z "$(find $state/ledger $state/names -type f)" ] || fail "there is still a ledger"

# As the README says: by hand
for f in $card1.0 $card1.1; do
	echo > $pci/$f/driver_override
	echo $f > $pci/$f/driver/unbind
	echo $f > /sys/bus/pci/drivers_probe
done
after
