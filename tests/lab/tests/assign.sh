# SPDX-License-Identifier: GPL-2.0-or-later
# assign.sh - three VMs get a different card each, two of them at once, and start with it; then they have none any more; reserve
# time: 60
n=0
# libvirt keeps the PCI ports that it has added for a card
xml() { virsh dumpxml --inactive "$1" | sed -e "/<controller type='pci'.*\/>/d" -e "/<controller type='pci'/,/<\/controller>/d"; }
for name in one two three; do
	vm -n "52:54:00:00:00:0$((++n))" $name
	ini $name
	xml $name > /tmp/$name.xml
done
virsh -q net-start default
virsh net-dumpxml default > /tmp/net.xml
before

note "a reservation, now and for the next start of the network"
reserved() { virsh net-dumpxml default ${1:-} | grep -q "<host mac='52:54:00:00:00:01' ip='192.168.122.2'/>"; }
handoff reserve one
for when in "" --inactive; do reserved $when || fail "the network does not have it: $(cat /tmp/handoff.out)"; done
handoff reserve one
grep -q "one has 192.168.122.2 already" /tmp/handoff.out || fail "reserve again: $(cat /tmp/handoff.out)"
no_handoff reserve three 192.168.122.2 "it is reserved for 52:54:00:00:00:01"
virsh -q net-update default delete ip-dhcp-host "<host mac='52:54:00:00:00:01' ip='192.168.122.2'/>" --live --config

note "two at once"
virt-handoff assign one --gpus 1 --all-functions --yes > /tmp/one.out 2>&1 & a=$!
handoff assign two --gpus 1 --yes
wait $a || fail "assign one: $(cat /tmp/one.out)"
handoff assign three --gpus 1 --yes
no_handoff assign three --gpus 2 --yes "0 can be had; asked for: 1"
handoff assign three --gpus 1 --yes	# it has it
cards()	# the display functions of a VM
{
	virsh dumpxml --inactive "$1" | sed -n "s/.*<address domain='0x\(....\)' bus='0x\(..\)' slot='0x\(..\)' function='0x0'\/>$/\1:\2:\3.0/p"
}
all=$(for name in one two three; do cards $name; done | sort)
[ "$all" = "$(printf '%s.0\n' $card1 $card2 "${lone%.0}")" ] || fail "the VMs have these: $all"
virsh dumpxml --inactive one | grep -q "function='0x1'/>$" || fail "one has no audio"

note "they start, and have what was written"
for name in one two three; do start $name; done
for d in $card1.0 $card2.0 $lone; do on $d vfio-pci; done
for name in one two three; do destroy $name; done

note "without"
no_handoff assign one --none "nobody is there to answer"
for name in one two three; do
	handoff assign $name --none --yes
	xml $name | diff /tmp/$name.xml - > /tmp/diff || fail "the XML of $name is not as before: $(cat /tmp/diff)"
done
after
virsh net-dumpxml default | diff /tmp/net.xml - || fail "the network is not as before"
virsh -q net-destroy default
