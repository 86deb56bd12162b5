# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# status.sh - `virt-handoff status` sees that somebody else has changed the rules, `repair` puts them right, `undo` takes them away
rules libvirt9
before
guests_serve
status() { "$BUILD/helpers/virt-handoff" status > /run/status 2>&1; }
agrees() { status || fail "$1: $(cat /run/status)"; }
differs()
{
	status && fail "status says nothing of $1"
	grep -q 'somebody else has changed the rules of forwards' /run/status || fail "$1: $(cat /run/status)"
	"$BUILD/helpers/virt-handoff" repair > /run/repair 2>&1 || fail "repair after $1: $(cat /run/repair)"
	agrees "after $1 and a repair"
	reach one:22 client tcp $host 12223
}
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
INI
start train01
mkdir -p /run/libvirt/qemu
touch /run/libvirt/qemu/train01.xml
echo $$ > /run/libvirt/qemu/train01.pid
agrees "a VM that has started"
reach one:22 client tcp $host 12223

# what others have is theirs
iptables -I INPUT -p tcp --dport 9 -j DROP
nft add table inet other
agrees "a rule and a table of others"
iptables -D INPUT 1
nft delete table inet other

nft delete element inet virt_handoff any4 "{ tcp . 12223 }"
differs "an element that is gone"
nft add element inet virt_handoff any4 "{ tcp . 12224 : $one . 22 }"
differs "an element too many"
iptables -D FORWARD 1
differs "a rule at the head of FORWARD that is gone"
nft delete table inet virt_handoff
differs "a table that is gone"

stop train01
agrees_not() { status && fail "status says nothing of $1"; grep -qF "$2" /run/status || fail "$1: $(cat /run/status)"; }
missing="train01 runs without any of the forwards of vms/train01.ini"
agrees_not "a VM that runs without its forwards" "$missing"
# where the host listens at an IPv6 address alone, the guest has one too, though nobody knows it
printf '[forward ssh]\nlisten = [%s]:12223\nto = 22\n' $host6 > /run/six
cp $vms/train01.ini /run/four
ini train01 < /run/six
agrees_not "a VM that runs without its IPv6 forward" "$missing"
ini train01 < /run/four
rm /run/libvirt/qemu/train01.*
agrees "a VM that has stopped"
after

# undo STATUS SENTENCE [UUID] - of a VM that has forwards alone, and no ledger
undo()
{
	"$BUILD/helpers/virt-handoff" undo "${3:-train01}" > /run/undo 2>&1
	status=$?
	[ "$(cat /run/undo)" = "$2" ] || fail "undo says: $(cat /run/undo)"
	[ $status -eq "$1" ] || fail "undo ends with $status, not $1: $2"
}
start train01
touch /run/libvirt/qemu/train01.xml
echo $$ > /run/libvirt/qemu/train01.pid
undo 1 "virt-handoff: train01 runs, and needs what it has: virsh shutdown train01 gives it back"
reach one:22 client tcp $host 12223
# its QEMU has gone, and no hook was called
rm /run/libvirt/qemu/train01.*
undo 0 "virt-handoff: forward ssh of train01: 12223/tcp -> $one port 22 removed
train01: its forwards are taken away"
no_reach client tcp $host 12223
after
undo 0 "train01: there is nothing to give back"
# by its UUID, which libvirt need not know any more
start train01
undo 0 "virt-handoff: forward ssh of train01: 12223/tcp -> $one port 22 removed
train01: its forwards are taken away" "$uuid"
after
