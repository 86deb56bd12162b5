# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# status.sh - `virt-handoff status` sees that somebody else has changed the rules, and `repair` puts them right
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
rm /run/libvirt/qemu/train01.*
agrees "a VM that has stopped"
after
