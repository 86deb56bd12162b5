# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# noise.sh - somebody changes tables of his own all the time, and chains of others are long: we get through nevertheless
rules libvirt9 docker
{
	echo '*filter'
	for n in $(seq 1500); do echo "-A FORWARD -s 10.1.$((n / 250)).$((n % 250)) -p tcp --dport 80 -j DROP"; done
	echo COMMIT
} | iptables-restore -n
before
guests_serve
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
	[forward many]
	listen = 20000-25000
	to = 10000
INI
for pause in 20000 2000 300; do
	"$BUILD/tests/netns/noise" $pause > /run/noise &
	noise=$!
	until_true 5 grep -q ready /run/noise || fail "no noise"
	for n in 1 2; do
		start train01
		reach one:22 client tcp $host 12223
		watch firewall || fail "every $pause us, $n: exit status $?, nothing was to be put right"
		# iptables itself was seen to try for 113 s
		kill -STOP $noise
		nft delete element inet virt_handoff any4 '{ tcp . 12223 }'
		iptables -D FORWARD -m mark --mark 0x4000000/0x4000000 -m comment --comment virt-handoff -j ACCEPT
		kill -CONT $noise
		watch firewall
		[ $? = 10 ] || fail "every $pause us, $n: not put right"
		kill -STOP $noise
		[ "$(iptables -S FORWARD | grep -c virt-handoff)" = 1 ] || fail "not one rule of ours in FORWARD"
		kill -CONT $noise
		reach one:22 client tcp $host 12223
		stop train01
	done
	kill -0 $noise || fail "the noise has ended"
	kill $noise
	wait $noise
	nft delete table ip noise 2> /dev/null
done
[ "$(grep -c failed $log)" = 0 ] || fail "$(grep failed $log | head -n 1)"
after
# more refusals than the socket holds: 60,000 elements that somebody has deleted
ini train01 <<-INI
	[network]
	address = $one
	[forward big]
	listen = 1000-60999
	to = 1001
INI
start train01
nft flush map inet virt_handoff any4
stop train01
after
