# SPDX-License-Identifier: GPL-2.0-or-later
# sum.awk - from a profile of callgrind: "OURS ALL", instructions of functions of this tree, and of all
#
# Ours is a function of the program itself with a known source file: what is linked in from elsewhere has none. The
# format is described in Valgrind's manual, "Callgrind Format Specification".

# name(WORD) - a name is told once, as "(1) name", and then as "(1)"
function name(kind, word,    id) {
	id = word
	sub(/\).*/, ")", id)
	if (word ~ /\) ./) {
		sub(/^\([0-9]*\) /, "", word)
		known[kind, id] = word
	}
	return known[kind, id]
}
/^cmd: / { program = $2 }
/^ob=/ { object = name("ob", substr($0, 4)) }
/^fl=/ { file = name("fl", substr($0, 4)) }
/^f[ie]=/ { name("fl", substr($0, 4)) }
/^cfi=|^cfl=/ { name("fl", substr($0, 5)) }
/^cob=/ { name("ob", substr($0, 5)) }
/^calls=/ { called = 1; next }
/^[0-9+*-]/ {
	# the line behind calls= is what was called
	if (called) {
		called = 0
		next
	}
	all += $2
	if (file != "???" && object == program)
		ours += $2
}
END { print ours + 0, all + 0 }
