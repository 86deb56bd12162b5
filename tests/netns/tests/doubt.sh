# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# doubt.sh - a change that was killed and an INI file that is wrong since: the old forwards stay, and no other VM suffers
rules libvirt9
before
guests_serve
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
conf() { printf '[network]\naddress = %s\n[forward ssh]\nlisten = 12223\nto = %s\n' $one "$1" | ini train01; }
ini train02 <<-INI
	[network]
	address = $two
	[forward b]
	listen = 12300
	to = 22
INI
n=0
while :; do
	n=$((n + 1))
	conf 22
	start train01
	start train02 $two_uuid
	conf 23
	xml train01 | "$BUILD/tests/netns/kill-at" $n "$BUILD/hooks/qemu" train01 reconnect begin -
	r=$?
	[ $r -eq 0 ] || break
	printf 'garbage\n' | ini train01
	network started || fail "the network hook fails after a kill at $n"
	reach two:22 client tcp $host 12300
	if grep -q '^doubt' $state/forwards/train01; then fail "doubt stays after a kill at $n"; fi
	to=$(sed -n 's/^forward	ssh	tcp	12223	12223	\([0-9]*\)	.*/\1/p' $state/forwards/train01)
	[ "$to" = 23 ] || reach one:22 client tcp $host 12223
	hook train02 stopped end $two_uuid
	no_reach client tcp $host 12300
	hook train02 release end $two_uuid
	stop train01
	after
done
[ $n -gt 3 ] || fail "only $n points to be killed at"
echo "$n points"
stop train01
stop train02 $two_uuid
# a file that is not ours, or is damaged, is said, and is in nobody's way
conf 22
start train01
echo damaged > $state/forwards/nobody
start train02 $two_uuid
said "/run/virt-handoff/forwards/nobody is not a file of this program"
reach two:22 client tcp $host 12300
stop train02 $two_uuid
stop train01
rm $state/forwards/nobody
# host.ini that cannot be read: what there is stays, nothing new is given, what ends goes
conf 22
start train01
start train02 $two_uuid
printf '[firewall]\nallowed-ports = 12000-13000\n' > /etc/virt-handoff/host.ini
watch files
sed -i 's/12300/999/' $vms/train02.ini
echo garbage > /etc/virt-handoff/host.ini
watch files
no_reach client tcp $host 999
reach two:22 client tcp $host 12300
stop train01
no_reach client tcp $host 12223
# a VM that starts meanwhile has none, and gets them later; a claim stays a claim
start train01
no_reach client tcp $host 12223
rm /etc/virt-handoff/host.ini
watch files
reach one:22 client tcp $host 12223
stop train01
hook train01 prepare begin || fail "prepare of train01"
echo garbage > /etc/virt-handoff/host.ini
hook train01 started begin || fail "started of train01"
no_reach client tcp $host 12223
serve host tcp $host 12223 late
reach late:12223 client tcp $host 12223
rm /etc/virt-handoff/host.ini
watch files
reach one:22 client tcp $host 12223
stop train01
stop train02 $two_uuid
after
