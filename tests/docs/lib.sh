# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - what the drivers of tests/docs share; sourced in the tree's folder, with $build and $work set
# shellcheck disable=SC2034,SC2154 # the drivers set and use them

failed=0

# wanted CASE: whether it was asked for
wanted() { case " $only " in "  " | *" $1 "*) return 0 ;; esac; return 1; }

# verdict CASE: what went wrong is in $work/bad
verdict() {
	if [ -s "$work/bad" ]; then
		echo "not ok docs $1"
		sed 's/^/#   /' "$work/bad"
		failed=1
	else
		echo "ok docs $1"
	fi
	: > "$work/bad"
}

bad() { echo "$*" >> "$work/bad"; }

handoff() { "$build/helpers/virt-handoff" "$@"; }

# keys: a line for each key, SECTION KEY DEFAULT, as the parser has them
keys() {
	handoff keys | awk '
		/^\[/ { gsub(/[][]/, ""); section = $1; next }
		/^[a-z]/ { key = $1; sub(/^[^=]*= ?/, ""); print section "\t" key "\t" $0 }'
}

# verbs_of WORDS...: the words that the command's help lists
verbs_of() { handoff "$@" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' | sort; }
