# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# killed.sh - killed at every single change, when a VM is prepared, starts, is edited and stops: the next event puts all right
rules libvirt9
before
guests_serve
conf() { printf '[network]\naddress = %s\n[forward ssh]\nlisten = %s\nto = 22\nlocal = yes\n' $one "$1" | ini train01; }
# killed_at N OPERATION SUB: 0 it was killed, 3 it ended before
killed_at() { xml train01 | "$BUILD/tests/netns/kill-at" "$1" "$BUILD/hooks/qemu" train01 "$2" "$3" -; }
n=1
while :; do
	conf 12223
	killed_at $n prepare begin
	r=$?
	stop train01
	after
	[ $r -eq 0 ] || break
	n=$((n + 1))
done
[ $n -gt 2 ] || fail "only $n points to be killed at"
echo "prepare: $n points"
for then in stop start; do
	n=1
	while :; do
		conf 12223
		killed_at $n started begin
		r=$?
		[ $then = stop ] || { hook train01 started begin; reach one:22 client tcp $host 12223; }
		stop train01
		after
		[ $r -eq 0 ] || break
		n=$((n + 1))
	done
	[ $n -gt 5 ] || fail "only $n points to be killed at"
done
echo "start: $n points"
n=1
while :; do
	conf 12223
	start train01
	conf 12300
	killed_at $n reconnect begin
	r=$?
	watch firewall > /dev/null
	watch files > /dev/null
	reach one:22 client tcp $host 12300
	no_reach client tcp $host 12223
	stop train01
	after
	[ $r -eq 0 ] || break
	n=$((n + 1))
done
echo "change: $n points"
n=1
while :; do
	conf 12223
	start train01
	killed_at $n stopped end
	r=$?
	hook train01 release end
	after
	[ $r -eq 0 ] || break
	n=$((n + 1))
done
echo "stop: $n points"
