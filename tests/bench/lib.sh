# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - how the parts of the bench print: rows of tables, numbers with three digits

bench=$BUILD/tests/bench
rivals=$here/rivals

# digits NUMBER... - as many as mean anything
digits() {
	awk -v v="$*" 'BEGIN {
		n = split(v, x, " ")
		for (i = 1; i <= n; i++) {
			places = (x[i] < 1) ? 2 : (x[i] < 10) ? 1 : 0
			printf("%.*f ", places, x[i])
		}
	}'
}

# row CELL... - one that has no figure where one belongs ends the run: what was timed has failed
row() {
	case "|$(printf '%s|' "$@")" in
	*'****'* | *'||'* | *'| ms'*) echo "a figure is missing, because what was timed has failed: $*" >&2; exit 1 ;;
	esac
	printf '|'
	printf ' %s |' "$@"
	echo
}

# head_row COLUMN... - the first two rows of a table
head_row() {
	echo
	row "$@"
	printf '|'
	printf -- '---|%.0s' "$@"
	echo
}

# compared OUTPUT-OF-PAIRS - "12 ms, 3.4 (3.1 to 3.6)": what A takes, and A/B with quartiles
compared() {
	local a b low mid high n
	read -r a b low mid high n _ <<< "${1:?what was timed has failed}"
	read -r a low mid high <<< "$(digits "$a" "$low" "$mid" "$high")"
	echo "$a ms, **$mid** ($low to $high), n $n"
}

# ours OUTPUT-OF-PAIRS - what B takes
ours() { local b; read -r _ b _ <<< "${1:?}"; read -r b <<< "$(digits "$b")"; echo "$b ms"; }
