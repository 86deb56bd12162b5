# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# others.sh - what others do to the firewall while VMs run, and that it is put right, not more
rules libvirt9
guests_serve
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223, 8000-8010
	to = 22
INI
sed -i 's/, 8000-8010//' $vms/train01.ini
before
ours="-A FORWARD -m mark --mark 0x4000000/0x4000000 -m comment --comment virt-handoff -j ACCEPT"
start train01
check() { watch firewall; [ $? -eq "$1" ] || fail "$2: exit status is not $1"; reach one:22 client tcp $host 12223; }
check 0 "nothing has happened"
iptables -F FORWARD
iptables -A FORWARD -o virbr0 -j REJECT
no_reach client tcp $host 12223
check 10 "iptables -F"
iptables -D FORWARD -o virbr0 -j REJECT
# libvirt puts its rules in again, above ours
for c in FWO FWI FWX; do iptables -I FORWARD -j LIBVIRT_$c; done
no_reach client tcp $host 12223
network started
reach one:22 client tcp $host 12223
[ "$(iptables -S FORWARD | sed -n 2p)" = "$ours" ] || fail "our rule is not the first"
# an administrator's own rule above ours stays above
iptables -I FORWARD -s 192.0.2.0/24 -j DROP
check 0 "a rule of the administrator"
[ "$(iptables -S FORWARD | sed -n 3p)" = "$ours" ] || fail "our rule climbed above the administrator's"
iptables -D FORWARD -s 192.0.2.0/24 -j DROP
# Docker comes: DOCKER-USER stays above us, and what stands in it counts
iptables -N DOCKER-USER
iptables -I FORWARD -j DOCKER-USER
iptables -A DOCKER-USER -j RETURN
check 0 "DOCKER-USER"
iptables -I DOCKER-USER -s $client -p tcp --dport 22 -j DROP
no_reach client tcp $host 12223
iptables -F DOCKER-USER
check 0 "DOCKER-USER flushed"
iptables -D FORWARD -j DOCKER-USER
iptables -X DOCKER-USER
# saved and restored by iptables: the comment is an expression of its own then
iptables-save > /run/saved
iptables-restore < /run/saved
check 0 "iptables-restore"
# restored on top of what is there: twice as many, each time
iptables-save -t filter > /run/saved
iptables-restore -n < /run/saved
iptables-restore -n < /run/saved
[ "$(iptables -S FORWARD | grep -cF -- "$ours")" -gt 1 ] || fail "iptables-restore -n does not double rules"
check 10 "iptables-restore -n"
[ "$(iptables -S FORWARD | grep -cF -- "$ours")" = 1 ] || fail "not one rule of ours is left"
iptables -F FORWARD
for c in FWO FWI FWX; do iptables -I FORWARD -j LIBVIRT_$c; done
check 10 "iptables -F"
# like ours, but not ours: they stay, and do not stand for ours
for rule in "--mark 0x4000000/0xff000000" "--mark 0x4000000/0x4000000" "--mark 0x4000000/0x4000000 -m comment --comment virt-handoff2" \
	"--mark 0x4000000/0x4000000 -m limit --limit 5/s -m comment --comment virt-handoff"; do
	iptables -D FORWARD -m mark --mark 0x4000000/0x4000000 -m comment --comment virt-handoff -j ACCEPT
	# shellcheck disable=SC2086 # several words
	iptables -I FORWARD -m mark $rule -j ACCEPT
	check 10 "our rule was deleted, and there is $rule"
	# shellcheck disable=SC2086
	iptables -D FORWARD -m mark $rule -j ACCEPT || fail "the rule of the administrator is gone: $rule"
done
# elements, rules and sets of our own table
nft delete element inet virt_handoff any4 '{ tcp . 12223 }'
no_reach client tcp $host 12223
check 10 "an element was deleted"
# as many as before, and only by what is in them can it be seen
nft delete element inet virt_handoff any4 '{ tcp . 12223 }'
nft add element inet virt_handoff any4 '{ tcp . 12999 : 192.168.122.9 . 9 }'
check 10 "an element was replaced"
nft delete element inet virt_handoff any4 '{ tcp . 12223 }'
nft add element inet virt_handoff any4 "{ tcp . 12223 : $two . 22 }"
check 10 "an element leads to another guest"
nft flush chain inet virt_handoff set_mark
check 10 "a chain was flushed"
nft delete table inet virt_handoff
check 10 "the table was deleted"
nft flush ruleset
no_reach client tcp $host 12223
rules libvirt9
check 10 "nft flush ruleset"
# an element of nobody is in the way of a new forward
nft add element inet virt_handoff any4 '{ tcp . 12300 : 192.168.122.9 . 9 }'
sed -i 's/12223/12300/' $vms/train01.ini
watch files
reach one:22 client tcp $host 12300
# one of ours is gone when it is to be taken away, and somebody else's is there
nft delete element inet virt_handoff any4 '{ tcp . 12300 }'
sed -i 's/12300/12301/' $vms/train01.ini
watch files
reach one:22 client tcp $host 12301
nft delete element inet virt_handoff any4 '{ tcp . 12301 }'
stop train01
nft list table inet virt_handoff 2> /dev/null && fail "a stop leaves our table"
sed -i 's/12301/12300/' $vms/train01.ini
start train01
reach one:22 client tcp $host 12300
# another mark
printf '[firewall]\nmark = 0x80\n' > /etc/virt-handoff/host.ini
watch files
iptables -S FORWARD | grep -q 'mark 0x80/0x80' || fail "the new mark is not used"
[ "$(iptables -S FORWARD | grep -c mark)" = 1 ] || fail "the old mark is left"
reach one:22 client tcp $host 12300
# another mark while our table is away, which knows the old one
nft delete table inet virt_handoff
printf '[firewall]\nmark = 0x100\n' > /etc/virt-handoff/host.ini
watch firewall
[ "$(iptables -S FORWARD | grep -c virt-handoff)" = 1 ] || fail "the old mark is left, and our table was away"
iptables -S FORWARD | grep -q 'mark 0x100/0x100' || fail "the third mark is not used"
stop train01
after
