# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh - make install and make uninstall leave nothing behind, wherever; the user's files stay
#
# shellcheck disable=SC2154 # tmp is of run

# a_host FOLDER - what is there before: folders of every system, empty ones among them, and files that are not ours
a_host() {
	mkdir -p "$1/etc/libvirt/hooks/qemu.d" "$1/usr/lib/systemd/system" "$1/usr/sbin" "$1/usr/share/man/man1" "$1/usr/share/doc/a" "$1/usr/libexec/a" \
		"$1/usr/local/sbin" "$1/usr/local/lib" "$1/usr/local/share/man" "$1/usr/local/share/doc" "$1/usr/local/etc" "$1/var/lib" "$1/opt/virt-handoff" "$1/srv/odd" \
		"$1/usr/src/empty" "$1/srv/odd/theirs/spool/empty"
	echo user > "$1/etc/libvirt/hooks/qemu.d/10-mine"
	echo user > "$1/usr/share/man/man1/a.1"
	echo user > "$1/usr/lib/systemd/system/a.service"
}

# both_ways NAME VARIABLE=VALUE...
both_ways() {
	name=$1 host=$tmp/$1
	shift
	a_host "$host"
	tree "$host" > "$host.before"
	make_alone install DESTDIR="$host" "$@" || fail "$name: make install"
	tree "$host" > "$host.installed"
	! grep '\.new f ' "$host.installed" || fail "$name: an unfinished file is left"
	[ "$(grep -cE '/(qemu|network)(\.d/50-virt-handoff)? f 755 $' "$host.installed")" = 4 ] || fail "$name: hooks are not there"
	make_alone uninstall DESTDIR="$host" "$@" || fail "$name: make uninstall"
	tree "$host" | diff "$host.before" - || fail "$name: make uninstall leaves or takes: $(tree "$host" | diff "$host.before" - | sed -n 2p)"
}

# what names a path inside names the right one
paths() {
	host=$tmp/paths
	make_alone install DESTDIR="$host" PREFIX=/opt/virt-handoff || fail "make install"
	grep -rl /usr/libexec/virt-handoff "$host" --include='*.service' --include='*.sh' --include='*virt-handoff' -I &&
		fail "a file names /usr/libexec though PREFIX is another one"
	units=$host/opt/virt-handoff/lib/systemd/system
	# shellcheck disable=SC2013 # no blanks in them
	for program in $(sed -n 's|^ExecStart=\(/opt[^ ]*\).*|\1|p' "$units"/*.service); do
		[ -x "$host$program" ] || fail "a unit starts $program, which is not there"
	done
	[ "$(grep -l /opt/virt-handoff "$units"/*.service | wc -l)" = 4 ] || fail "units without a program: $(ls "$units")"
}

# an older version in which every file is another one, and what the user has written since
upgrade() {
	host=$tmp/upgrade
	a_host "$host"
	tree "$host" > "$host.before"
	make_alone install DESTDIR="$host" || fail "make install"
	tree "$host" > "$host.fresh"
	(cd "$host" && find . -type f -exec md5sum {} +) > "$host.sums"
	find "$host" -type f -newer "$host.before" ! -path '*10-mine' -exec sh -c 'for f; do echo old > "$f"; chmod 600 "$f"; done' sh {} +
	echo '[devices]' > "$host/etc/virt-handoff/vms/train01.ini"
	echo '[early]' > "$host/etc/virt-handoff/host.ini"
	mkdir -p "$host/var/lib/virt-handoff"
	echo list > "$host/var/lib/virt-handoff/early.list"
	make_alone install DESTDIR="$host" || fail "make install over an older one"
	(cd "$host" && md5sum --quiet -c "$host.sums") || fail "an old file is left by an upgrade"
	tree "$host" | grep -vE '^\./(etc/virt-handoff/(vms/train01.ini|host.ini)|var/lib/virt-handoff(/early.list)?) ' |
		diff "$host.fresh" - || fail "after an upgrade modes or files are others than after an installation"
	[ "$(cat "$host/etc/virt-handoff/vms/train01.ini")" = '[devices]' ] || fail "an upgrade has touched an INI file"
	make_alone uninstall DESTDIR="$host" || fail "make uninstall"
	tree "$host" | diff "$host.before" - | sed -n 's/^[<>] //p' > "$host.left"
	[ "$(sed 's/ .*//' "$host.left" | tr '\n' ' ')" = './etc/virt-handoff ./etc/virt-handoff/host.ini ./etc/virt-handoff/vms ./etc/virt-handoff/vms/train01.ini ' ] ||
		fail "make uninstall leaves or takes: $(cat "$host.left")"
}

both_ways usual
both_ways local PREFIX=/usr/local
both_ways odd PREFIX=/opt/virt-handoff/0.9 SYSCONFDIR=/opt/virt-handoff/0.9/etc STRIP=yes
both_ways deep PREFIX=/srv/odd/a UNITDIR=/usr/lib/systemd/system LIBEXECDIR=/srv/odd/a/lib/exec
both_ways beside PREFIX=/srv/odd
both_ways slash PREFIX=/usr/
both_ways disabled ENABLED=
paths
upgrade
