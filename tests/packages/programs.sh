# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# programs.sh - every installed program is built to resist: PIE, RELRO, no executable stack, canaries, FORTIFY, no path of its own
#
# Real: the programs as make install puts them, readelf. Nothing of them runs.
# shellcheck disable=SC2154 # tmp is of run
need readelf

make_alone install DESTDIR="$tmp/host" || fail "make install"
# what the static gates have of the C library is not ours to choose: there the sources say it, below
imports() { readelf -W --dyn-syms "$1" | awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }'; }
is_static() { ! readelf -Wl "$1" | grep -q ' INTERP '; }

# wrong PROGRAM - each way in which it is not as it should be, a line
wrong() {
	readelf -Wh "$1" | grep -q 'Type: *DYN' || echo "is no PIE"
	readelf -Wd "$1" | grep -q 'FLAGS_1.*PIE' || echo "is not marked as PIE"
	readelf -Wl "$1" | grep -q ' GNU_RELRO ' || echo "has no RELRO"
	readelf -Wd "$1" | grep -q 'FLAGS.*NOW' || echo "binds late: its table of functions stays writable"
	readelf -Wl "$1" | grep -q 'GNU_STACK .* RW  *0x' || echo "has an executable stack, or none"
	! readelf -Wl "$1" | grep -q '^ *LOAD.* RWE ' || echo "has a segment that is writable and executable"
	! readelf -Wd "$1" | grep -q '(TEXTREL)\|TEXTREL' || echo "has relocations in its code"
	! readelf -Wd "$1" | grep -q '(RPATH)\|(RUNPATH)' || echo "looks for libraries in a path of its own"
	if is_static "$1"; then
		! readelf -Wd "$1" | grep -q '(NEEDED)' || echo "is static, and needs a library"
		return
	fi
	imports "$1" > "$tmp/imports"
	grep -qx __stack_chk_fail "$tmp/imports" || echo "has no canaries"
	grep -q '^__.*_chk$' "$tmp/imports" || echo "was not built with FORTIFY"
	# the editor that a person likes is looked for in PATH, by the command alone
	case $1 in */sbin/virt-handoff) set -- "$1" 'system|popen|wordexp|execl|execlp|execle|execvpe|gets|tmpnam|mktemp' ;;
	*) set -- "$1" 'system|popen|wordexp|execl|execlp|execle|execvp|execvpe|posix_spawnp|gets|tmpnam|mktemp' ;; esac
	grep -xE "$2|dlopen" "$tmp/imports" | grep -vx "$(case $1 in */sbin/virt-handoff) echo dlopen ;; *) echo - ;; esac)" | sed 's/^/calls /'
}

n=0
find "$tmp/host" -type f -perm /111 -exec sh -c 'head -c 4 "$1" | grep -q ELF' sh {} \; -print | LC_ALL=C sort > "$tmp/programs"
while read -r program; do
	wrong "$program" > "$tmp/wrong"
	[ ! -s "$tmp/wrong" ] || fail "${program#"$tmp/host"} $(head -n 1 "$tmp/wrong")"
	echo "${program#"$tmp/host"}: as it should be"
	n=$((n + 1))
done < "$tmp/programs"
[ $n = 9 ] || fail "there are $n programs, not 9"
find "$tmp/host" -perm /7000 > "$tmp/special"
[ ! -s "$tmp/special" ] || fail "$(head -n 1 "$tmp/special") has a set-ID or sticky bit"
find "$tmp/host" ! -type l -perm /022 > "$tmp/special"
[ ! -s "$tmp/special" ] || fail "others may write to $(head -n 1 "$tmp/special")"
! getcap -r "$tmp/host" 2> /dev/null | grep . || fail "a program has capabilities of its own"
# Without the C library's part: what stands in the sources. Two places start a program of which a person or an INI file says
# which: the editor, and NVIDIA's tools.
grep -lE '(^|[^_[:alnum:]])(execv|execve|execvp|execl|execlp|execle|execvpe|posix_spawnp?|wordexp|dlopen)[[:blank:]]*\(' common/*.c common/*.h hooks/*.c helpers/*.c |
	LC_ALL=C sort > "$tmp/starters"
printf '%s\n' common/child.c common/small.h helpers/ctl-early-image.c helpers/edit-program.c helpers/virt-load.c > "$tmp/known"
diff "$tmp/known" "$tmp/starters" || fail "another file starts programs: $(diff "$tmp/known" "$tmp/starters" | sed -n 2p)"
# child_run() takes a path: each is absolute, or was found or configured as one
grep -hoE 'const argv\[\] = \{ *"[^"]*"' common/*.c helpers/*.c | sed 's/.*"\(.*\)"/\1/' > "$tmp/paths"
! grep -v '^/' "$tmp/paths" || fail "a program is started by its name alone"
[ "$(wc -l < "$tmp/paths")" -ge 5 ] || fail "only these programs are started: $(cat "$tmp/paths")"
