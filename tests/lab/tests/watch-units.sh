# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# watch-units.sh - the watch service comes with the first VM that has forwards, goes with the last, however often, and comes back when killed
# time: 30
# (the leak check of a build with sanitizers needs ptrace, which the unit does not let its program have)
# the socket of the first watch loads it, and it stays
modprobe nf_tables
before
systemctl daemon-reload
systemctl start virt-handoff-watch.path
is_watch() { [ "$(systemctl is-active virt-handoff-watch.service)" = "$1" ]; }
other_than() { is_watch active && [ "$(pid)" != 0 ] && [ "$(pid)" != "$1" ]; }
pid() { systemctl show -P MainPID virt-handoff-watch.service; }

is_watch inactive || fail "the watch runs though nobody has forwards"
# what stands in the file is the hook's business: here the VMs are short, and many
mkdir -p $state/forwards
for ((n = 0; n < 12; n++)); do
	: > $state/forwards/short
	until_true 60 is_watch active || fail "VM $n: the watch does not come: $(systemctl is-active virt-handoff-watch.path)"
	rm $state/forwards/short
	until_true 60 is_watch inactive || fail "VM $n: the watch does not go"
done
: > $state/forwards/short
until_true 60 is_watch active || fail "the watch does not come any more"
old=$(pid)
kill -9 "$old"
until_true 60 other_than "$old" || fail "the watch does not come back when it is killed"
rm $state/forwards/short
until_true 60 is_watch inactive || fail "the watch does not go"
systemctl stop virt-handoff-watch.path
# five within ten seconds are refused by default; an emulated host may be too slow for that
[ "$(systemctl show -P StartLimitIntervalUSec virt-handoff-watch.service)" = 0 ] || fail "the service has a start limit"
after
