# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# again.sh - the packages have the same bytes when somebody else builds them: another folder, time zone, umask and locale
#
# shellcheck disable=SC2154 # tmp is of run
need dh rpmbuild

make_alone deb rpm || fail "make deb rpm"
other=$tmp/somewhere/else
mkdir -p "$other"
{ git ls-files 2> /dev/null | grep . || find . -type f ! -path './.git/*' ! -path './build*'; } > "$tmp/list"
tar -cf - -T "$tmp/list" | tar -C "$other" -xf -
# whatever was here when this began
(cd "$other" && umask 077 && find . -type f -exec touch -d '2001-02-03 04:05' {} + &&
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL TZ=Asia/Kolkata LC_ALL=C.UTF-8 HOME=/nonexistent make -j "$(nproc)" -s --no-print-directory deb rpm) > "$tmp/log" 2>&1 ||
	{ tail -n 20 "$tmp/log"; fail "make deb rpm in another folder"; }
for package in "$other"/build/packages/*.deb "$other"/build/packages/*.rpm; do
	cmp "$package" "$BUILD/packages/${package##*/}" || fail "${package##*/}: built again it is another file"
done
