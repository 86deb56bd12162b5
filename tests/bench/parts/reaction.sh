# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# reaction.sh - while the watch runs: how long until a new connection reaches the guest again, or the other guest
host_up
rules libvirt9
serve one tcp $one 22
serve two tcp $two 22
cat > "$work/libvirt" <<-SH
	#!/bin/sh
	# puts everything back as it was after the network has started
	iptables -P FORWARD ACCEPT
	nft flush ruleset
	iptables-restore -n < $RULES/libvirt9.iptables
SH
cat > "$work/flushed" <<-SH
	#!/bin/sh
	nft flush ruleset
	exec iptables-restore -n < $RULES/libvirt9.iptables
SH
# nothing but our rule saves packets from this policy, which Docker sets
cat > "$work/drop" <<-SH
	#!/bin/sh
	exec iptables -P FORWARD DROP
SH
cat > "$work/jump" <<-SH
	#!/bin/sh
	exec iptables -D FORWARD -j LIBVIRT_FWI
SH
cat > "$work/lease" <<-SH
	#!/bin/sh
	# the other guest's address, still beside its place
	[ \$((\$1 % 2)) = 0 ] && address=$one || address=$two
	printf '[ { "ip-address": "%s", "mac-address": "52:54:00:00:00:01", "expiry-time": %d } ]\n' \$address \$((\$(date +%s) + 3600)) \\
		> /var/lib/libvirt/dnsmasq/virbr0.status.new
SH
cat > "$work/edit" <<-SH
	#!/bin/sh
	# the other port, as an editor writes a file: beside it, then renamed
	sed "s/listen = 123../listen = 1230\$((\$1 % 2))/" $vms/train01.ini > $vms/train01.new
SH
chmod +x "$work"/*

mv=$(command -v mv) iptables=$(command -v iptables) nft=$(command -v nft)
leases=/var/lib/libvirt/dnsmasq/virbr0.status

# follows WHAT OPTIONS PREPARE.. -- ACTION..
follows() {
	local what=$1 options=$2 result low mid high worst action n broken
	shift 2
	result=$("$bench/reaction" -n "$times" $options "$BUILD/helpers/watch" "$BUILD/hooks/network" -- "$@")
	read -r low mid high worst action n broken <<< "$result"
	read -r low mid high worst action <<< "$(digits "$low" "$mid" "$high" "$worst" "$action")"
	row "$what" "$action ms" "**$mid ms** ($low to $high)" "$worst ms" "$n" "$broken"
}

table() {
	local at="-t $host:12300=o"
	# preparing writes a file beside its place, which the watch looks at: it does so again ten times as long after it, or a second
	local calm='-r 1100'
	head_row "what happens, $1" 'the command itself' 'until a connection is answered' worst n 'of these, not answered at once'
	follows 'a lease with another address' "$calm -t $host:12300=o -t $host:12300=t" "$work/lease" N -- "$mv" $leases.new $leases
	"$work/lease" 0 && mv $leases.new $leases
	follows 'an edited INI file' "$calm -t $host:12300=o -t $host:12301=o" "$work/edit" N -- "$mv" $vms/train01.new $vms/train01.ini
	"$work/edit" 0 && mv $vms/train01.new $vms/train01.ini
	follows '`iptables -F FORWARD`, policy DROP' "$at" "$work/drop" -- "$iptables" -F FORWARD
	"$work/libvirt"
	follows '`iptables -I FORWARD -j LIBVIRT_FWI`' "$at" "$work/jump" -- "$iptables" -I FORWARD -j LIBVIRT_FWI
	follows 'our table deleted' "$at" /bin/true -- "$nft" delete table inet virt_handoff
	follows '`nft flush ruleset`, and the rules of libvirt again' "$at" /bin/true -- "$work/flushed"
}

times=30
ini train01 <<-INI
	[forward ssh]
	listen = 12300
	to = 22
	[forward more]
	listen = 13000-13008
	to = 14000
INI
"$work/lease" 0 && mv $leases.new $leases
start train01
table '1 VM, 10 forwards'

vm_uuid() { printf '2f82ee72-3ac5-4615-9c0b-%012d' "$1"; }
for n in $(seq 99); do
	ini "vm$n" <<-INI
		[network]
		address = 192.168.122.$((n + 1))
		[forward more]
		listen = $((20000 + 10 * n))-$((20009 + 10 * n))
		to = 14000
	INI
	start "vm$n" "$(vm_uuid "$n")" "$(printf "52:54:00:00:01:%02x" "$n")"
done
table '100 VMs, 1000 forwards'
