# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# crowd.sh - eight processes, or four slow ones, start, edit and stop a hundred VMs at once: nothing lost, nothing left, nobody waits for ever
rules libvirt9 docker
before
vm_uuid() { printf '2f82ee72-3ac5-4615-9c0b-%012d' "$1"; }
for n in $(seq 100); do
	ini "vm$n" <<-INI
		[network]
		address = 192.168.122.$((n + 1))
		[forward a]
		listen = $((20000 + n)), $((30000 + 10 * n))-$((30009 + 10 * n))/udp
		[forward b]
		listen = $((40000 + n))
		from = 10.$n.0.0/16
	INI
done
# the lock has no order: with sanitizers each has it so long that one of eight could miss it for ten seconds
crowd=8
[ -z "$SANITIZED" ] || crowd=4
each()	# each COMMAND: for all VMs, by as many processes
{
	pids=
	for w in $(seq $crowd); do
		(for n in $(seq "$w" $crowd 100); do "$@" "$n" || exit 1; done) &
		pids="$pids $!"
	done
	for pid in $pids; do wait "$pid" || fail "$* failed"; done
}
begin() { start "vm$1" "$(vm_uuid "$1")"; }
end() { stop "vm$1" "$(vm_uuid "$1")"; }
again() { end "$1" && begin "$1"; }
count() { nft list table inet virt_handoff | grep -o 'comment "vm[0-9]*"' | wc -l; }
each begin
[ "$(find $state/forwards -type f | wc -l)" = 100 ] || fail "$(find $state/forwards -type f | wc -l) of 100 files"
whole=$(count)
# any4, many4, one4, hair4; inside is shared
[ "$whole" = 401 ] || fail "$whole elements instead of 401"
each again
[ "$(count)" = "$whole" ] || fail "$(count) elements instead of $whole"
watch firewall || fail "there was something to put right"
if grep -q failed $log; then fail "$(grep failed $log | head -n 1)"; fi
each end
after
