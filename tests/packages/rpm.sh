# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rpm.sh - make rpm: what make install installs is in it, rpmlint finds no error; installed into a root, refused, removed
#
# Real: rpm, its database, systemctl on the files of the root. Not real: the root is this machine's, overlaid, so no daemon runs there
# and there are no dependencies by rpm; dnf and Fedora cannot be had here.
# shellcheck disable=SC2154 # tmp is of run
need rpm rpmbuild rpmlint shellcheck

make_alone rpm || fail "make rpm"
version=$("$BUILD/helpers/virt-handoff" --version | cut -d' ' -f2)
package=$(ls "$PWD/$BUILD/packages/virt-handoff-$version"-*.rpm) || fail "no package with the version of the command, $version"

make_alone install DESTDIR="$tmp/install" ENABLED= || fail "make install"
tree "$tmp/install" | sed -n 's/^\.\(.*\) f \([0-7]*\) $/\1 \2/p' | sed 's|^\(/usr/share/man/[^ ]*\)|\1.gz|' | LC_ALL=C sort > "$tmp/want"
rpm -qp --qf '[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME}\n]' "$package" | sed -n 's/^\(.*\) 100\([0-7]*\) root$/\1 \2/p' | LC_ALL=C sort > "$tmp/have"
diff "$tmp/want" "$tmp/have" || fail "the package has other files than make install: $(diff "$tmp/want" "$tmp/have" | sed -n 2p)"

rpmlint -c conf/packaging/rpm/rpmlint.toml "$package" > "$tmp/rpmlint" 2>&1 || { cat "$tmp/rpmlint"; fail "rpmlint: $(grep ' E: ' "$tmp/rpmlint" | head -n 1)"; }
tail -n 3 "$tmp/rpmlint"
for script in prein postin preun postun; do
	{ echo '#!/bin/sh'; rpm -qp --qf "%{$(echo $script | tr '[:lower:]' '[:upper:]')}" "$package"; } > "$tmp/$script"
	shellcheck -e SC2015,SC2317 "$tmp/$script" || fail "shellcheck: %$script"
done

[ "$(id -u)" = 0 ] || skip "installing into a root needs root; the package itself is good"
# this machine's files, of which nothing is written; no runtime state, no daemon, and a database of its own
root=$tmp/root
mkdir -p "$tmp/over" "$root"
mount -t tmpfs over "$tmp/over" || fail "no tmpfs"
trap 'umount -q "$root"; umount "$tmp/over"' EXIT
mkdir "$tmp/over/upper" "$tmp/over/work"
mount -t overlay -o "lowerdir=/,upperdir=$tmp/over/upper,workdir=$tmp/over/work" root "$root" || fail "no overlay of this machine's root"
rm -rf "$root/etc/virt-handoff" "$root/run/virt-handoff"
in_rpm() { rpm --root "$root" --dbpath /var/lib/rpm-test "$@"; }
# Debian's rpm asks that of who installs with it
! rpm --help | grep -q force-debian || set -- --force-debian
ours() { (cd "$root" && find etc/libvirt/hooks etc/virt-handoff etc/systemd/system usr var/lib/virt-handoff run -path '*virt-handoff*' 2> /dev/null | LC_ALL=C sort); }
ours > "$tmp/before"

in_rpm -i --nodeps "$@" "$package" || fail "rpm -i"
in_rpm -V --nodeps virt-handoff || fail "rpm -V"
for unit in virt-handoff-boot.service virt-handoff-early.service virt-handoff-watch.path; do
	[ -L "$root/etc/systemd/system/multi-user.target.wants/$unit" ] || fail "$unit is not enabled, as the preset says"
done
[ ! -e "$root/etc/systemd/system/timers.target.wants/virt-handoff-metrics.timer" ] || fail "the timer for node_exporter is enabled"

echo '[devices]' > "$root/etc/virt-handoff/vms/train01.ini"
mkdir -p "$root/run/virt-handoff/ledger" "$root/run/virt-handoff/forwards"
printf 'virt-handoff-ledger 1\nname\ttrain01\nclaim\t0000:41:00.0\nclaim\t0000:41:00.1\n' \
	> "$root/run/virt-handoff/ledger/12345678-1234-1234-1234-123456789012"
echo 'forward	ssh' > "$root/run/virt-handoff/forwards/a VM"
echo 'vm	none' > "$root/run/virt-handoff/forwards/none"
! in_rpm -e --nodeps virt-handoff > "$tmp/refusal" 2>&1 || fail "rpm -e while a VM has a card"
cat "$tmp/refusal"
grep -qx '  train01: 0000:41:00.0 0000:41:00.1' "$tmp/refusal" || fail "rpm -e does not say what train01 has"
grep -qx '  a VM: port forwards' "$tmp/refusal" || fail "rpm -e does not say what 'a VM' has"
in_rpm -V --nodeps virt-handoff || fail "rpm -V after the refusal"
! grep -q 'none:' "$tmp/refusal" || fail "a VM without forwards is said to have some"
rm -r "$root/run/virt-handoff"
in_rpm -U --nodeps --replacepkgs "$@" "$package" || fail "rpm -U"
in_rpm -V --nodeps virt-handoff || fail "rpm -V after rpm -U"
in_rpm -e --nodeps virt-handoff || fail "rpm -e"
ours | diff "$tmp/before" - > "$tmp/left"
[ "$(sed -n 's/^[<>] //p' "$tmp/left" | tr '\n' ' ')" = 'etc/virt-handoff etc/virt-handoff/vms etc/virt-handoff/vms/train01.ini ' ] ||
	fail "rpm -e leaves or takes: $(cat "$tmp/left")"
