# SPDX-License-Identifier: GPL-2.0-or-later
# uuid-ini.sh - UUID.ini instead of NAME.ini survives a rename; both are refused
# time: 20
vm one $card1.0 $card1.1
uuid=$(virsh domuuid one | grep .)
ini $uuid
ini one
before

refused one one.ini $uuid.ini remove
at_home $card1
rm $vms/one.ini
virsh -q domrename one two || fail "virsh domrename"
start two
taken $card1
destroy two
at_home $card1
virsh -q domrename two one
after
