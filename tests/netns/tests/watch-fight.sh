# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# watch-fight.sh - somebody who undoes repairs again and again is named and left alone; no guest reaches 127.0.0.1 in the meantime
#
# The watch is built with shorter minutes here, of 20 s and 3 repairs; the rest of it is as installed.
rules libvirt9
before
guests_serve
flag=/proc/sys/net/ipv4/conf/virbr0/route_localnet
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
	local = yes
INI
start train01
cat > /run/hook <<-HOOK
	#!/bin/sh
	echo "\$*" >> /run/runs
	[ ! -e /run/slow ] || sleep 0.1
	exec "$BUILD/hooks/network" "\$@"
HOOK
chmod 755 /run/hook
"$BUILD/tests/netns/watch-brief" /run/hook &
pid=$!
is() { [ "$(cat $flag)" = "$1" ]; }
ours() { nft list chain inet virt_handoff guard_loopback > /dev/null 2>&1; }
repairs() { grep -c 'watch for firewall: forwards put right' $log; }
# what is in the name of a process is not obeyed by a terminal, nor is it a second line of the journal
odd=/run/$(printf 'n\033[2J\nft')
cp "$(command -v nft)" "$odd"
# three repairs in a row are each undone: the fourth is the last
n=0
while [ $n -lt 30 ] && ! grep -q 'again and again' $log; do
	"$odd" flush ruleset
	n=$((n + 1))
	until_true 15 sh -c "nft list chain inet virt_handoff guard_loopback > /dev/null 2>&1 || grep -q 'again and again' $log"
done
said "n?[2J?ft (pid"
[ "$(repairs)" -eq 4 ] || fail "put right $(repairs) times"
until_true 15 is 0 || fail "route_localnet stays on without anybody to guard it"
said "route_localnet is off"
nft flush ruleset
# libvirt's event puts all right, and switches it on; that too is made safe, and what is undone after it not put right
network started
ours || fail "the hook itself does not put right"
until_true 15 sh -c "[ \$(grep -c 'route_localnet is off' $log) = 2 ]" || fail "the hook's route_localnet is not switched off"
is 0 || fail "route_localnet stays on"
nft flush ruleset
ours && fail "put right within the minute"
# Guests renew leases in this minute, each of which puts all right and is followed by a rest: who undoes that is not left alone
# for so long, with route_localnet on and the guard gone. Half of the rest would be half a second.
ms() { date +%s%3N; }
looks() { wc -l < /run/runs; }
idle() { ! pgrep -P $pid > /dev/null; }
looked() { [ "$(looks)" -gt "$1" ]; }
: > /run/slow
best=10000 rest=0
for round in 1 2; do
	for undone in no yes; do
		until_true 15 idle || fail "a look does not end in round $round"
		n=$(looks)
		lease $one 52:54:00:00:00:01
		until_true 15 looked "$n" || fail "a lease is not looked at within the minute"
		until_true 15 idle || fail "a look at a lease does not end"
		n=$(looks) begin=$(ms)
		lease $one 52:54:00:00:00:01
		[ $undone = no ] || nft flush ruleset
		until_true 15 looked "$n" || fail "nothing looks in round $round"
		took=$(($(ms) - begin))
		if [ $undone = no ]; then
			[ $took -lt $rest ] || rest=$took
		elif [ $took -lt $best ]; then
			best=$took
		fi
	done
done
# nor do leases and somebody who undoes, taking turns, get a look at leases each
until_true 15 idle || fail "the last look does not end"
: > /run/runs
begin=$(ms) n=0
while [ $(($(ms) - begin)) -lt 3000 ]; do
	lease $one 52:54:00:00:00:01
	[ $((n % 5)) != 0 ] || nft flush ruleset
	n=$((n + 1))
	sleep 0.02
done
most=$((($(ms) - begin) / 1000 + 2)) files=$(grep -c files /run/runs)
[ "$files" -ge 1 ] || fail "leases are not looked at any more"
[ "$files" -le $most ] || fail "$files looks at leases of three seconds, $most at most"
rm /run/slow
echo "a look at leases rests $rest ms, one at what was undone $best ms"
[ $((2 * best)) -lt $rest ] || fail "what is undone waits for the rest of leases: $best ms, of $rest ms"
until_true 15 idle || fail "the last look does not end"
nft flush ruleset
rules libvirt9
# the minute is over: all is back without anything having happened
until_true 60 ours || fail "nothing is put right after the minute"
until_true 15 is 1 || fail "route_localnet stays off after the minute"
reach one:22 host tcp 127.0.0.1 12223
reach one:22 client tcp $host 12223
# and counting begins anew
nft delete table inet virt_handoff
until_true 15 ours || fail "nothing is put right any more"
stop train01
until_true 15 sh -c "! kill -0 $pid 2> /dev/null" || fail "the watch goes on without forwards"
after
