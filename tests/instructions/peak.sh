# shellcheck shell=bash disable=SC2154 # who includes it sets profiles
# SPDX-License-Identifier: GPL-2.0-or-later
# peak.sh - instead of count.sh: how many kilobytes a program has resident at most
#
# Needs $profiles, a folder with the program peak in it.

# count SCENARIO COMMAND... - the kilobytes become $profiles/SCENARIO; ends= is how it may end
count() {
	local name=$1
	shift
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$profiles/peak" "${ends:-0}" "$@" > "$profiles/$name.kB"
}
