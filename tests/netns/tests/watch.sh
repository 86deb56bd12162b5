# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# watch.sh - the watch follows leases, INI files and others' changes at once, sleeps in between, and ends with the last VM
rules libvirt9
before
guests_serve
ini train01 <<-INI
	[forward ssh]
	listen = 12223
	to = 22
INI
start train01
"$BUILD/helpers/watch" "$BUILD/hooks/network" &
pid=$!
settled() { sleep 0.3; kill -0 $pid || fail "the watch has ended"; }
has() { nft list map inet virt_handoff any4 2> /dev/null | grep -q "tcp . $1 "; }
hasnt() { ! has "$1"; }
ms() { date +%s%3N; }
# follows WHAT COMMAND...: how long it takes until it is true
follows()
{
	what=$1 t=$(ms)
	shift
	until_true 60 "$@" || fail "$what is not followed"
	t=$(($(ms) - t))
	echo "$what: $t ms"
	worst=$((t > ${worst:-0} ? t : worst))
}
settled
lease $one 52:54:00:00:00:01
follows "a lease" has 12223
reach one:22 client tcp $host 12223
sed -i 's/12223/12300/' $vms/train01.ini
follows "an edit" has 12300
sed -i 's/12300/nothing/' $vms/train01.ini
said "the forwards of train01 stay as they are"
has 12300 || fail "a wrong edit took the forward away"
sed -i 's/nothing/12300/' $vms/train01.ini
settled
ours() { iptables -S FORWARD | sed -n 2p | grep -q 'mark 0x4000000'; }
iptables -F FORWARD
follows "iptables -F" ours
for c in FWO FWI FWX; do iptables -I FORWARD -j LIBVIRT_$c; done
follows "libvirt's rules put in again" ours
nft flush ruleset
rules libvirt9
follows "nft flush ruleset" has 12300
# libvirt's rules came behind it, and ours go above them; that is at once only when nobody undoes it again and again
until_true 60 ours || fail "libvirt's rules are not followed"
reach one:22 client tcp $host 12300
rss=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$pid/status)
echo "resident: $rss kB"
[ "$SANITIZED" ] || [ "$rss" -lt 2048 ] || fail "$rss kB are resident"
# nothing happens: it sleeps, and nothing wakes it
switches() { sed -n 's/^.*voluntary_ctxt_switches:[^0-9]*//p' /proc/$pid/status; }
at_rest() { asleep=$(switches); sleep 2; [ "$asleep" = "$(switches)" ]; }
until_true 60 at_rest || fail "it wakes up while nothing happens"
# a folder that goes and comes again; a file that could not be read, and then can
cp -a $vms /run/vms
rm -r $vms
settled
mkdir $vms
settled
cp /run/vms/* $vms
sed -i 's/12300/12301/' $vms/train01.ini
follows "an edit in a new folder" has 12301
mv $vms $vms.old
cp -a $vms.old $vms
sed -i 's/12301/12302/' $vms/train01.ini
follows "an edit in a folder put in the place of another" has 12302
# what goes on in the old one is nothing to it any more
settled
until_true 60 at_rest || fail "it wakes up while nothing happens"
asleep=$(switches)
touch $vms.old/train01.ini
settled
[ "$asleep" = "$(switches)" ] || fail "it still hears a folder that was moved away"
chmod 666 $vms/train01.ini
sed -i 's/12302/12303/' $vms/train01.ini
settled
has 12303 && fail "a file that anybody may write counts"
chmod 600 $vms/train01.ini
follows "a change of mode" has 12303
# killed, nothing is lost; the last VM ends it
kill -9 $pid
wait $pid
"$BUILD/helpers/watch" "$BUILD/hooks/network" &
pid=$!
follows "a new watch" ours
stop train01
until_true 60 sh -c "! kill -0 $pid 2> /dev/null" || fail "the watch goes on without forwards"
wait $pid || fail "the watch ended with $?"
after
[ "$SANITIZED" ] || [ "$worst" -lt 2000 ] || fail "something took $worst ms"
