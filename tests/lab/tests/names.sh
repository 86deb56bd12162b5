# SPDX-License-Identifier: GPL-2.0-or-later
# names.sh - names with spaces, UTF-8, and a dash in front; a VM that is called by another one's UUID is not taken for it
# time: 20
names=('-zwei Größen' '.hidden')
for name in "${names[@]}"; do
	vm -- "$name" $card1.0 $card1.1
	ini "$name"
done
before

for name in "${names[@]}"; do
	start "$name"
	taken $card1
	destroy "$name"
	at_home $card1
done
after

note "called as the UUID of another one"
vm meant
meant=$(virsh domuuid meant | grep .)
before_it=$(virsh -q list --all --uuid | sort)
vm -- "$meant" $card2.0 $card2.1
other=$(comm -13 <(echo "$before_it") <(virsh -q list --all --uuid | sort) | grep .)
handoff new "$other"
[ -s "$vms/$other.ini" ] && [ ! -e "$vms/$meant.ini" ] || fail "written for the other one: $(ls $vms)"
virt-handoff new "$meant" > /tmp/new.out 2>&1
[ -s $vms/meant.ini ] || fail "the VM with that UUID is not the one that is meant: $(cat /tmp/new.out; ls $vms)"
! grep -q "${card2#0000:}" $vms/meant.ini || fail "it has the other one's card: $(cat $vms/meant.ini)"
