# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# watch-failing.sh - a hook that fails, is killed or is not there is run again until it works, and that is said once
rules libvirt9
before
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
	[ ! -e /run/failing ] || . /run/failing
	exec "$BUILD/hooks/network" "\$@"
HOOK
chmod 755 /run/hook
: > /run/runs
runs() { [ "$(wc -l < /run/runs)" -ge "$1" ]; }
ours() { iptables -S FORWARD | grep -q 'mark 0x4000000'; }
said_once() { [ "$(grep -c "$1" $log)" = 1 ] || fail "said $(grep -c "$1" $log) times: $1"; }
"$BUILD/helpers/watch" /run/hook &
pid=$!
until_true 60 runs 1 || fail "it does not look when it begins"
# its first look is over: it has no child any more
idle() { ! pgrep -P $pid > /dev/null; }
until_true 60 idle || fail "its first look does not end"
# fails_as SENTENCE - the rule is taken away once, and put back after two failures
fails_as()
{
	: > /run/runs
	iptables -F FORWARD
	until_true 60 runs 2 || fail "not run again"
	ours && fail "the test is worth nothing: put right"
	said "$1"
	rm -f /run/failing
	until_true 60 ours || fail "not put right when the hook works again: $1"
	said_once "$1"
}
echo 'exit 1' > /run/failing
fails_as "failed with exit status 1"
said "works again"
grep -q again /run/runs || fail "the hook is not told that it has failed before"
echo 'kill -9 $$' > /run/failing
fails_as "was ended by signal 9"
# the hook's own sentence is said once too: somebody has the lock
: > /run/runs
# who drops it removes the file: it is the lock only while it is the one that the name leads to
# shellcheck disable=SC2016 # for the inner shell
timeout 120 sh -c 'until exec 9>> "$0" && flock 9 && [ "$0" -ef /proc/$$/fd/9 ]; do :; done
	iptables -F FORWARD; until [ "$(wc -l < /run/runs)" -ge 2 ]; do sleep 0.1; done' $state/lock/firewall || fail "not tried twice under the lock"
until_true 60 ours || fail "not put right after the lock"
said_once "could not be put right"
# it is not there, as while a package is upgraded
mv /run/hook /run/hook.away
iptables -F FORWARD
said "cannot be started, install virt-handoff again"
mv /run/hook.away /run/hook
until_true 60 ours || fail "not put right when the hook is there again"
# what happens while it fails does not make it run faster than once a second
echo 'exit 1' > /run/failing
: > /run/runs
t=$(date +%s)
for n in 1 2 3 4 5 6 7 8; do
	nft add table ip x$n
	sleep 0.2
done
most=$(($(date +%s) - t + 2))
runs $((most + 1)) && fail "run $(wc -l < /run/runs) times in $((most - 2)) s"
for n in 1 2 3 4 5 6 7 8; do nft delete table ip x$n; done
rm /run/failing
kill $pid
wait $pid
# no process can be had: the first was the init of a PID namespace, and has ended
: > /run/runs
unshare --pid "$BUILD/helpers/watch" /run/hook &
pid=$!
until_true 60 runs 1 || fail "the watch in a namespace does not look"
until_true 60 idle || fail "its first look does not end"
iptables -F FORWARD
said "no process can be had: Cannot allocate memory"
kill $pid
wait $pid
watch firewall
stop train01
iptables-restore -n < "$RULES/libvirt9.iptables"
