# shellcheck shell=bash disable=SC2154 # who includes it sets profiles
# SPDX-License-Identifier: GPL-2.0-or-later
# count.sh - one program under callgrind, with nothing around it that differs between two machines or two clones
#
# Needs $profiles, a folder; and what it runs has the same path and arguments everywhere.

# count SCENARIO COMMAND... - its profile becomes $profiles/SCENARIO
#
# Counted is what main() does. The dynamic linker and the C library's start, which look at the processor, come before it.
# The C library chooses its functions by the processor too, so the newer ones are taken away. Only the first process counts:
# of its children some are killed as soon as they have answered. ends= is how it may end, "0" or "03".
count() {
	local name=$1 status=0
	shift
	# shellcheck disable=SC2016 # for the inner shell
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C profile="$profiles/$name" \
		GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX,-BMI1,-BMI2,-ERMS,-FSRM,-LZCNT,-MOVBE,-POPCNT,-SSE4_1,-SSE4_2,-SSSE3,-XSAVEC \
		setarch -R /bin/sh -c '
			echo $$ > "$profile.pid"
			exec valgrind -q --tool=callgrind --toggle-collect=main --vgdb=no --callgrind-out-file="$profile.%p" "$@"' \
		sh "$@" > "$profiles/$name.said" 2>&1 || status=$?
	if [[ ${ends:-0} != *$status* ]]; then
		echo "$name: $* ended with $status: $(tail -n 3 "$profiles/$name.said")" >&2
		return 1
	fi
	mv "$profiles/$name.$(cat "$profiles/$name.pid")" "$profiles/$name" && rm -f "$profiles/$name".*
}
