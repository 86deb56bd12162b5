# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# watch-ends.sh - the last VM stops while the watch waits for a burst of changes to settle: it ends all the same
rules libvirt9
before
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
INI
n=0
while [ $n -lt 10 ]; do
	n=$((n + 1))
	start train01
	"$watch" "$network_hook" &
	pid=$!
	sleep 0.2
	# held while it waits, it finds the end of the VM together with the change
	iptables -A FORWARD -s 192.0.2.1 -j ACCEPT
	sleep 0.00$((n % 10))
	kill -STOP $pid
	stop train01
	kill -CONT $pid
	until_true 5 sh -c "! kill -0 $pid 2> /dev/null" || fail "the watch goes on without forwards"
	wait $pid || fail "the watch ended with $?"
	iptables -D FORWARD -s 192.0.2.1 -j ACCEPT
done
after
