#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# devices.sh - the hook for a VM without an INI file, and `prepare` on the fake kernel, against hooks in shell and Python
set -eu
. "$here/lib.sh"
missed() { echo "skip bench $1: $2"; [ "${MUST_RUN:-}" != 1 ]; }

# against WHAT AGAINST OUTPUT-OF-PAIRS
against() {
	local a b low mid high n
	read -r a b low mid high n _ <<< "${3:?what was timed has failed}"
	read -r a b low mid high <<< "$(digits "$a" "$b" "$low" "$mid" "$high")"
	row "$1" "$2" "$a ms" "$b ms" "**$mid** ($low to $high)" "$n"
}

head_row 'what (A)' 'against (B)' A B A/B pairs
guides='the dispatcher of the guides (`dispatcher.sh`)' python='a Python hook with a JSON file (`json-hook.py`)'

# without_ini AGAINST PAIRS COMMAND...
without_ini() {
	local against=$1 pairs=$2
	shift 2
	against 'the hook for a VM without an INI file' "$against" \
		"$("$bench/pairs" -n "$pairs" "$BUILD/hooks/gate" no-such-vm prepare begin - -- -- "$@" --)"
}
without_ini '`/bin/true`' 1000 /bin/true
without_ini "$guides" 200 "$rivals/dispatcher.sh" no-such-vm prepare begin -
if [ -x /usr/bin/python3 ]; then
	without_ini "$python" 200 "$rivals/json-hook.py" no-such-vm prepare begin -
else
	missed devices "no python3 for the hook in Python"
fi

if [ "$(id -u)" -ne 0 ] || [ ! -e /dev/fuse ]; then
	echo "skip prepare against a shell script: the fake kernel needs root and /dev/fuse"
	[ "${MUST_RUN:-}" = 1 ] && exit 1
	exit 0
fi

# functions MACHINE - the addresses of its NVIDIA cards and their audio, bridges left out
functions() {
	awk '$1 == "file" && $2 ~ /^sys\/devices\/.*\/(vendor|class)$/ {
		n = split($2, part, "/")
		value[part[n - 1], part[n]] = $3
		all[part[n - 1]]
	}
	END {
		for (f in all)
			if (value[f, "vendor"] ~ /^0x10de/ && value[f, "class"] !~ /^0x0604/)
				print f
	}' "$here/../data/$1.machine" | sort
}

hostdev() {
	[[ $1 =~ ^(....):(..):(..)\.(.)$ ]]
	printf "<hostdev mode='subsystem' type='pci' managed='yes'><source>"
	printf "<address domain='0x%s' bus='0x%s' slot='0x%s' function='0x%s'/></source></hostdev>\n" "${BASH_REMATCH[@]:1}"
}

# vm MACHINE FUNCTIONS - sets addresses, and makes the VM with them
vm() {
	mapfile -t addresses < <(functions "$1" | head -n "$2")
	[ "${#addresses[@]}" -eq "$2" ]
	rm -rf "$work/bench"
	mkdir "$work/bench"
	cp "$bench/pairs" "$rivals/bind.sh" "$rivals/dispatcher.sh" "$rivals/json-hook.py" "$here/parts/devices-inside.sh" "$work/bench"
	{
		echo "<domain type='kvm'><name>bench</name><uuid>11111111-2222-3333-4444-555555555501</uuid><devices>"
		for a in "${addresses[@]}"; do hostdev "$a"; done
		echo "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default' bridge='virbr0'/></interface>"
		echo "</devices></domain>"
	} > "$work/bench/vm.xml"
	printf '[devices]\ntake = all\ndriver = vfio-pci\n' > "$work/bench.ini"
}

# as_others - the same VM as scripts for the dispatcher, and as JSON
as_others() {
	local operation driver hooks=$work/bench/qemu.d/bench
	mkdir -p "$hooks/prepare/begin" "$hooks/release/end"
	for operation in prepare/begin release/end; do
		driver=$([ $operation = release/end ] || echo vfio-pci)
		printf '#!/bin/bash\nset -- "%s" %s\n. /bench/bind.sh\n' "$driver" "${addresses[*]}" > "$hooks/$operation/bind.sh"
		chmod +x "$hooks/$operation/bind.sh"
	done
	printf '{ "bench": { "devices": [ %s ], "forwards": [] } }\n' \
		"$(printf '"%s"\n' "${addresses[@]}" | paste -sd,)" > "$work/bench/json-hook.json"
}

# compare WHAT AGAINST RIVAL MACHINE PAIRS
compare() {
	# on one processor: waking the fake kernel on another one would be most of what is measured
	against "$1" "$2" "$(
		taskset -c 0 "$BUILD/tests/fake/in-fake" "$here/../data/$4.machine" --install "$work/installed" --ini "$work/bench.ini" \
			--bind "$work/bench:/bench" --modules irqbypass,vfio,vfio_virqfd,vfio_pci_core,vfio_pci -- \
			/bin/bash /bench/devices-inside.sh "$3" "$5" "${addresses[@]}"
	)"
}

# prepare MACHINE FUNCTIONS PAIRS
prepare() { vm "$1" "$2" && compare "prepare, functions: $2" "the guides' shell script (\`bind.sh\`)" script "$1" "$3"; }

make --no-print-directory -s -C "$here/../.." install DESTDIR="$work/installed" > /dev/null
prepare grace 1 100
prepare sixty-four 8 50
prepare sixty-four 64 10

vm sixty-four 2
as_others
cat >> "$work/bench.ini" <<- INI
	[network]
	address = 192.168.122.167
	[forward ssh]
	listen = 12300
	to = 22
	[forward more]
	listen = 13000-13008
	to = 14000
INI
compare 'prepare, functions: 2, forwards: 10' "$guides" dispatcher sixty-four 100
[ ! -x /usr/bin/python3 ] || compare 'prepare, functions: 2, forwards: 10' "$python" python sixty-four 100
