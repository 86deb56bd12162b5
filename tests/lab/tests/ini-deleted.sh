# SPDX-License-Identifier: GPL-2.0-or-later
# ini-deleted.sh - the INI file is deleted, or broken, while the VM runs: it gives back all the same
# time: 25
vm one $card1.0 $card1.1
ini one
before

start one
taken $card1
rm $vms/one.ini
destroy one
at_home $card1

ini one
start one
echo nonsense > $vms/one.ini
destroy one
at_home $card1
after
