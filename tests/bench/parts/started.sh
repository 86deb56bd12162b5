# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# started.sh - the whole hook of a VM with ten forwards, when it has started and when it has stopped
host_up
rules libvirt9
ini bench <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12300
	to = 22
	[forward more]
	listen = 13000-13008
	to = 14000
INI
xml bench > "$work/vm.xml"
hook=$BUILD/hooks/qemu

# when WHAT SUB OPPOSITE SUB RIVAL... - the rival is A, ours is B
when() {
	local how="bench $1 $2 -" back="bench $3 $4 -"
	shift 4
	"$bench/pairs" -n 30 -i "$work/vm.xml" "$@" $how -- "$@" $back -- "$hook" $how -- "$hook" $back
}

# rival NAME COMMAND...
rival() {
	local name=$1 started stopped
	shift
	started=$(when started begin stopped end "$@")
	hook bench started begin && "$@" bench started begin -
	stopped=$(when stopped end started begin "$@")
	hook bench stopped end && "$@" bench stopped end -
	row "$name" "$(compared "$started")" "$(ours "$started")" "$(compared "$stopped")" "$(ours "$stopped")"
}

head_row 'against' 'started' 'started, ours' 'stopped' 'stopped, ours'
rival "a shell script of the guides (\`guide.sh\`)" "$rivals/guide.sh"
# the same script, as what the dispatcher finds
for operation in started/begin stopped/end; do
	mkdir -p "$work/qemu.d/bench/$operation"
	cp "$rivals/guide.sh" "$work/qemu.d/bench/$operation/forwards.sh"
done
cp "$rivals/dispatcher.sh" "$work"
rival "the dispatcher of the guides (\`dispatcher.sh\`)" "$work/dispatcher.sh"
if [ -x /usr/bin/python3 ]; then
	rival "a Python hook with a JSON file (\`json-hook.py\`)" "$rivals/json-hook.py"
else
	missed started "no python3 for the hook in Python"
fi
