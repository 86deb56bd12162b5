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

# has UNIT LINE... - these settings stand there; none of them may get lost
has() {
	unit=$1
	shift
	for line; do grep -qx -- "$line" "conf/$unit" || fail "$unit has no $line"; done
}
# exposed UNIT MOST - what systemd thinks of it, in tenths
exposed() {
	exposure=$(systemd-analyze security --offline=true "conf/$1" --no-pager | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
	echo "$1: exposure $exposure"
	[ "$(echo "$exposure" | tr -d .)" -le "$2" ] || fail "$1 is exposed: $exposure"
}
for unit in conf/*.service; do
	has "${unit##*/}" NoNewPrivileges=yes ProtectSystem=strict 'ProtectHome=.*' PrivateTmp=yes IPAddressDeny=any ProtectHostname=yes \
		'ReadOnlyPaths=.*/sys/fs/cgroup' RestrictNamespaces=yes RestrictRealtime=yes RestrictSUIDSGID=yes LockPersonality=yes \
		SystemCallArchitectures=native 'SystemCallFilter=@system-service.*' 'RestrictAddressFamilies=AF_UNIX.*' 'UMask=.*' \
		'CapabilityBoundingSet=CAP_.*' 'ReadWritePaths=.*'
done
# what takes cards from the host sees what the host needs; what opens cards has no list of devices
has virt-handoff-early.service ProtectHome=read-only
has virt-handoff-boot.service ProtectHome=read-only
for no in PrivateNetwork ProtectProc PrivateDevices ProtectClock DeviceAllow InaccessiblePaths TemporaryFileSystem; do
	! grep "^$no=" conf/virt-handoff-early.service || fail "virt-handoff-early.service would not see all of the host"
	! grep "^$no=" conf/virt-handoff-boot.service || fail "virt-handoff-boot.service would not see all of the host"
done
! grep '^Protect\(ControlGroups\|KernelTunables\)=' conf/*.service || fail 'what is mounted below / would be writable: see tests/lab/tests/units.sh'
! grep '^ProtectProc=' conf/virt-handoff-watch.service || fail "the watch would not see that a VM runs"
# (systemd-analyze counts ProtectControlGroups= as 0.2)
exposed virt-handoff-boot.service 41
exposed virt-handoff-early.service 40
exposed virt-handoff-metrics.service 35
exposed virt-handoff-watch.service 30

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

# the folder is the collector's: what he has put there is neither written through nor waited for
echo precious > "$tmp/precious"
printf '#!/bin/sh\necho "a 1"\n' > "$tmp/command"
for plant in "ln -s $tmp/precious" "ln -s $tmp/absent" "ln $tmp/precious" mkfifo; do
	$plant "$folder/virt-handoff.new"
	FOLDER=$folder timeout 60 sh "$tmp/line" || fail "$plant: the unit's command fails"
	[ "$(cat "$folder/virt-handoff.prom")" = "a 1" ] || fail "$plant: virt-handoff.prom: $(cat "$folder/virt-handoff.prom")"
	{ [ "$(cat "$tmp/precious")" = precious ] && [ ! -e "$tmp/absent" ]; } || fail "$plant: what it leads to is written"
	[ ! -L "$folder/virt-handoff.prom" ] || fail "$plant: it stays"
	rm "$folder/virt-handoff.prom"
done
mkdir "$tmp/elsewhere"
ln -s "$tmp/elsewhere" "$folder/virt-handoff.prom"
FOLDER=$folder sh "$tmp/line" || fail "a link to a folder: the unit's command fails"
[ -z "$(ls "$tmp/elsewhere")" ] || fail "a link to a folder is followed"
# one that is put there between the removal and the writing, as the command is asked
sed 's/rm -f virt-handoff.new &&/&'" ln -s $(echo "$tmp/precious" | sed 's|/|\\/|g') virt-handoff.new \\&\\&/" "$tmp/line" > "$tmp/line.raced"
grep -q "ln -s" "$tmp/line.raced" || fail "the race is not played"
! FOLDER=$folder sh "$tmp/line.raced" 2> /dev/null || fail "a link that comes in between is no failure"
[ "$(cat "$tmp/precious")" = precious ] || fail "a link that comes in between is written through"
