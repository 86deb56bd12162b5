# SPDX-License-Identifier: GPL-2.0-or-later
# no-ini.sh - a VM without an INI file is libvirt's alone, as before
# time: 20
# machine: its own, because libvirt 9 does not give back a managed device that an unmanaged VM had before, until it is restarted
vm -y one $card1.0 $card1.1
vm two
before

start one
taken $card1
[ -z "$(find $state -type f -path '*/ledger/*' 2> /dev/null)" ] || fail "a ledger for a VM without a file"
destroy one
at_home $card1
start two
destroy two
[ -z "$(journal)" ] || fail "something was said: $(journal | head -n 1)"
after
