# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deb.sh - make deb: what make install installs is in it, lintian finds no error, and its scripts are clean
#
# shellcheck disable=SC2154 # tmp is of run
need dh lintian dpkg-deb shellcheck

make_alone deb || fail "make deb"
version=$("$BUILD/helpers/virt-handoff" --version | cut -d' ' -f2)
package=$(ls "$BUILD"/packages/virt-handoff_"$version"_*.deb) || fail "no package with the version of the command, $version"

# our files as make install has them, where Debian wants them: pages packed, the licence is Debian's
make_alone install DESTDIR="$tmp/install" UNITDIR=/lib/systemd/system ENABLED= || fail "make install"
tree "$tmp/install" | sed -n 's/^\.\(.*\) f \([0-7]*\) $/\1 \2/p' | sed 's|^\(/usr/share/man/[^ ]*\)|\1.gz|; /LICENSE/d' |
	LC_ALL=C sort > "$tmp/want"
dpkg-deb -x "$package" "$tmp/files"
dpkg-deb -e "$package" "$tmp/control"
tree "$tmp/files" | sed -n 's/^\.\(.*\) f \([0-7]*\) $/\1 \2/p' |
	grep -vE '^/usr/share/(doc/virt-handoff/(changelog.gz|copyright)|lintian/overrides/virt-handoff) ' | LC_ALL=C sort > "$tmp/have"
diff "$tmp/want" "$tmp/have" || fail "the package has other files than make install: $(diff "$tmp/want" "$tmp/have" | sed -n 2p)"
[ -d "$tmp/files/etc/virt-handoff/vms" ] || fail "the folder of the INI files is missing"
[ ! -e "$tmp/control/conffiles" ] || fail "hooks are conffiles: a removed package would leave them for libvirt to run"
[ ! -e "$tmp/control/triggers" ] || fail "the package has triggers: $(cat "$tmp/control/triggers")"
for file in "$tmp/files/etc/libvirt/hooks"/*/* "$tmp/files/usr/sbin/virt-handoff"; do
	! readelf -S "$file" | grep -q ' \.symtab' || fail "${file##*/} is not stripped"
done

lintian --fail-on error "$package" > "$tmp/lintian" 2> "$tmp/lintian.err" || { cat "$tmp/lintian" "$tmp/lintian.err"; fail "lintian: $(head -n 1 "$tmp/lintian")"; }
cat "$tmp/lintian"

# what debhelper adds is not ours to judge
for script in preinst postinst prerm postrm; do
	sed '/^# Automatically added by/,/^# End automatically added/d' "$tmp/control/$script" > "$tmp/$script"
	# each uses some of the functions
	shellcheck -e SC2317 "$tmp/$script" || fail "shellcheck: $script"
done
