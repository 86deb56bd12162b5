#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# programs.sh - what each program has resident at most, at what tests/instructions has it do
set -eu
. "$here/lib.sh"

"$here/../instructions/run" "$BUILD" --peaks > "$work/peaks"
if grep '^skip' "$work/peaks"; then
	[ "${MUST_RUN:-}" != 1 ]
	exit
fi
head_row program 'what it does' 'resident at most'
while read -r what kb; do row "\`${what%%.*}\`" "$(tr - ' ' <<< "${what#*.}")" "$kb kB"; done < "$work/peaks"
