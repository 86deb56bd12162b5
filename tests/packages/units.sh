# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# units.sh - systemd understands every unit; the metrics appear whole or not at all; nothing is left of a command that failed
#
# shellcheck disable=SC2154 # tmp is of run
need systemd-analyze

make_alone install DESTDIR="$tmp/host" || fail "make install"
for unit in conf/*.service conf/*.path conf/*.timer; do
	# our programs are not where the unit says, and this machine's units are its own business
	SYSTEMD_UNIT_PATH=$tmp/host/usr/lib/systemd/system: systemd-analyze verify --man=no "${unit##*/}" 2>&1 |
		grep "${unit##*/}" | grep -v 'is not executable: No such file' > "$tmp/verify" || :
	[ ! -s "$tmp/verify" ] || fail "$(head -n 1 "$tmp/verify")"
done
exposure=$(systemd-analyze security --offline=true conf/virt-handoff-metrics.service --no-pager | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
echo "virt-handoff-metrics.service: exposure $exposure"
[ "$(echo "$exposure" | tr -d .)" -le 35 ] || fail "virt-handoff-metrics.service is exposed: $exposure"

# the line of the unit, with a command of ours in its place
folder=$tmp/textfile
mkdir "$folder"
sed -e ':a' -e '/\\$/{N' -e 's/\\\n//' -e 'ta' -e '}' conf/virt-handoff-metrics.service |
	sed -n "s/^ExecStart=\/bin\/sh -c '\(.*\)'\$/\1/p" | sed "s|/usr/sbin/virt-handoff|$tmp/command|; s/\\\$\\\$/\$/g" > "$tmp/line"
[ -s "$tmp/line" ] || fail "no command in virt-handoff-metrics.service"
printf '#!/bin/sh\n[ "$*" = "status --prometheus" ] || exit 2\necho "a 1"\nls -1 > %s/seen\necho "b 2"\n' "$tmp" > "$tmp/command"
chmod 755 "$tmp/command"
FOLDER=$folder sh "$tmp/line" || fail "the unit's command fails"
[ "$(cat "$folder/virt-handoff.prom")" = "a 1
b 2" ] || fail "virt-handoff.prom: $(cat "$folder/virt-handoff.prom")"
[ "$(ls "$folder")" = virt-handoff.prom ] || fail "left: $(ls "$folder")"
! grep '\.prom$' "$tmp/seen" || fail "a half-written file has a name that the collector reads"
printf '#!/bin/sh\necho "a 1"\nexit 1\n' > "$tmp/command"
! FOLDER=$folder sh "$tmp/line" || fail "a command that failed is no failure of the unit"
[ -z "$(ls "$folder")" ] || fail "figures that are not of now stay: $(ls "$folder")"
