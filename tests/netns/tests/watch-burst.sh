# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# watch-burst.sh - a burst of commits is looked at once it has settled; our own commits are not looked at, others' among them are
rules libvirt9
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
INI
start train01
cat > /run/hook <<-HOOK
	#!/bin/sh
	echo "\$*" >> /run/runs
	echo \$\$ > /run/hook-pid
	[ ! -e /run/instead ] || . /run/instead
	exec "$BUILD/hooks/network" "\$@"
HOOK
chmod 755 /run/hook
: > /run/runs
runs() { wc -l < /run/runs; }
ran() { [ "$(runs)" -ge 1 ]; }
ours() { iptables -S FORWARD | grep -q 'mark 0x4000000'; }
ms() { date +%s%3N; }
"$BUILD/helpers/watch" /run/hook &
pid=$!
idle() { ! pgrep -P $pid > /dev/null; }
until_true 60 ran || fail "it does not look when it begins"
until_true 60 idle || fail "its first look does not end"
# one commit, one look: what the hook commits is its own
: > /run/runs
iptables -F FORWARD
until_true 60 ours || fail "iptables -F is not followed"
sleep 0.5
[ "$(runs)" = 1 ] || fail "$(runs) looks at one commit"
# somebody who gets the process id that the hook had is not the hook
: > /run/runs
if [ -w /proc/sys/kernel/ns_last_pid ]; then
	echo $(($(cat /run/hook-pid) - 1)) > /proc/sys/kernel/ns_last_pid
	iptables -F FORWARD
	until_true 60 ours || fail "iptables -F with the hook's process id is not followed"
	sleep 0.5
fi
# commits that follow each other within 20 ms: one look for every 80 ms, and one at the end. A machine that is busy makes
# pauses of its own, each of which may end a burst: they are counted
: > /run/runs
begin=$(ms) last=$begin pauses=0
n=0
while [ $n -lt 40 ]; do
	nft add table ip x$n
	now=$(ms)
	[ $((now - last)) -lt 15 ] || pauses=$((pauses + 1))
	last=$now
	n=$((n + 1))
done
most=$(((last - begin) / 80 + pauses + 2))
sleep 0.5
echo "$n commits in $((last - begin)) ms with $pauses pauses: $(runs) looks, $most at most"
[ "$(runs)" -ge 1 ] || fail "a burst is not looked at"
[ "$(runs)" -le $most ] || fail "$(runs) looks at $n commits in $((last - begin)) ms with $pauses pauses"
n=0
while [ $n -lt 40 ]; do
	nft delete table ip x$n
	n=$((n + 1))
done
sleep 0.5
# a service that puts its rules above ours in many commits costs few repairs
# shellcheck disable=SC2034 # for counting only
for n in 1 2 3 4 5 6 7 8; do
	iptables -I FORWARD -j LIBVIRT_FWI
	iptables -I FORWARD -j LIBVIRT_FWO
	iptables -D FORWARD -j LIBVIRT_FWI
	iptables -D FORWARD -j LIBVIRT_FWO
done
until_true 60 ours || fail "a restart is not followed"
sleep 0.5
# the hook's own commits fill the buffer, and somebody else's, which comes then, is lost: it is looked at all the same.
# The hook is nft here, with its process id, and lives until the other has committed
mkfifo /run/lines
cat > /run/instead <<-'INSTEAD'
	rm /run/instead
	exec nft -i < /run/lines > /dev/null 2>&1
INSTEAD
drops() { awk '$2 == 12 { n += $9 } END { print n + 0 }' /proc/net/netlink; }
: > /run/runs
iptables -A FORWARD -s 192.0.2.1
until_true 60 ran || fail "iptables -A is not followed"
exec 8> /run/lines
old=$(drops)
n=0
while [ "$(drops)" -lt $((old + 50)) ] && [ $n -lt 40 ]; do
	for i in 0 1 2 3 4 5 6 7 8 9; do
		for k in 0 1 2 3 4 5 6 7 8 9; do echo "add table ip y$n$i$k"; done
	done >&8
	sleep 0.1
	n=$((n + 1))
done
[ "$(drops)" -ge $((old + 50)) ] || fail "the test is worth nothing: no message was lost"
[ "$(runs)" = 1 ] || fail "the test is worth nothing: the hook has ended"
iptables -F FORWARD
exec 8>&-
until_true 60 ours || fail "a commit whose messages were lost is not followed"
sleep 0.5
looks=$(runs)
sleep 1
[ "$(runs)" = "$looks" ] || fail "it does not come to rest: $looks, $(runs) looks"
# leases that guests renew all the time: one look, then a rest; and the last of them is looked at
until_true 60 idle || fail "a look does not end"
echo 'sleep 0.1' > /run/instead
: > /run/runs
begin=$(ms)
while [ $(($(ms) - begin)) -lt 3000 ]; do
	lease $one 52:54:00:00:00:01
	sleep 0.02
done
most=$((($(ms) - begin) / 1000 + 2))
[ "$(runs)" -ge 1 ] || fail "leases are not looked at"
[ "$(runs)" -le $most ] || fail "$(runs) looks at leases of three seconds, $most at most"
# the last one comes while it rests
: > /run/runs
lease $one 52:54:00:00:00:01
until_true 60 ran || fail "the last lease is not looked at"
until_true 60 idle || fail "a look at leases does not end"
rm /run/instead
# somebody who undoes us at once, again and again, is let wait longer and longer, and then left alone: in all twenty
# repairs. A machine that is busy makes pauses, and after a pause it is as the first time
kill $pid
wait $pid
: > /run/runs
"$BUILD/helpers/watch" /run/hook &
pid=$!
# what the first look puts right does not count
until_true 60 ran || fail "the new watch does not look"
until_true 60 idle || fail "the new watch's first look does not end"
undo() { iptables -D FORWARD -m mark --mark 0x4000000/0x4000000 -m comment --comment virt-handoff -j ACCEPT 2> /dev/null; }
begin=$(ms) n=0
until grep -q 'again and again' $log || [ $n -gt 40 ]; do
	undo && n=$((n + 1))
done
last=$(ms)
echo "$n repairs undone in $((last - begin)) ms"
said "forwards were put right 20 times within a minute; iptables (pid"
{ [ $n -ge 20 ] && [ $n -le 21 ]; } || fail "put right $n times"
[ $((last - begin)) -ge 1000 ] || fail "twenty repairs in $((last - begin)) ms"
kill $pid
wait $pid
stop train01
