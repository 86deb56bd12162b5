# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# memory.sh - what is resident: the watch while it waits, the hooks at most
host_up
rules libvirt9
hook=$BUILD/hooks/qemu

# many SECTIONS - an INI file with ten ports in each
many() {
	printf '[network]\naddress = %s\n' "$one"
	seq "$1" | awk '{
		printf "[forward f%d]\nlisten = ", $1
		for (i = 0; i < 10; i++)
			printf "%s%d", (i ? ", " : ""), 20000 + 10 * $1 + i
		print ""
	}'
}

# peak FORWARDS COMMAND... -- BACK... - a row: milliseconds and kilobytes at most
peak() {
	local n=$1 what=$2 result a kb
	shift 2
	result=$("$bench/pairs" -n "$times" -i "$work/vm.xml" "$@" -- /bin/true --)
	read -r a _ _ _ _ _ kb _ <<< "$result"
	read -r a <<< "$(digits "$a")"
	row "$n" "$what" "$a ms" "$kb kB" "$times"
}

xml bench > "$work/vm.xml"
head_row forwards what time 'resident at most' n
for n in 10 1000 10000; do
	times=$((n > 1000 ? 3 : 10))
	many $((n / 10)) | ini bench
	peak $n '`qemu`, started' "$hook" bench started begin - -- "$hook" bench stopped end -
	hook bench started begin
	peak $n '`qemu`, started, there already' "$hook" bench started begin - --
	peak $n '`network`, a network has started' "$BUILD/hooks/network" default started begin - --
	peak $n '`qemu`, stopped' "$hook" bench stopped end - -- "$hook" bench started begin -
	if [ $n = 10000 ]; then
		"$BUILD/helpers/watch" "$BUILD/hooks/network" &
		watch=$!
		until_true 10 grep -q 'State:.*S' /proc/$watch/status
		# what it does first is over when its child is
		sleep 1
		until_true 60 sh -c "[ -z \"\$(cat /proc/$watch/task/$watch/children)\" ]"
		row $n '`watch`, waiting' - "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB.*/\1/p' /proc/$watch/status) kB" 1
		kill $watch
		wait $watch || :
	fi
	"$hook" bench stopped end - < "$work/vm.xml"
done
