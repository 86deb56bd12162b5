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
"$BUILD/tests/netns/watch-brief" "$BUILD/hooks/network" &
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
