#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# devices.sh - the hook for a VM without an INI file, and `prepare` on the fake kernel against the guides' script
set -eu
. "$here/lib.sh"

# against WHAT AGAINST OUTPUT-OF-PAIRS
against() {
	local a b low mid high n
	read -r a b low mid high n _ <<< "${3:?what was timed has failed}"
	read -r a b low mid high <<< "$(digits "$a" "$b" "$low" "$mid" "$high")"
	row "$1" "$2" "$a ms" "$b ms" "**$mid** ($low to $high)" "$n"
}

head_row 'what (A)' 'against (B)' A B A/B pairs
against 'the hook for a VM without an INI file' '`/bin/true`' \
	"$("$bench/pairs" -n 1000 "$BUILD/hooks/gate" no-such-vm prepare begin - -- -- /bin/true --)"

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

# compare MACHINE FUNCTIONS PAIRS
compare() {
	local addresses
	mapfile -t addresses < <(functions "$1" | head -n "$2")
	[ "${#addresses[@]}" -eq "$2" ]
	mkdir -p "$work/bench"
	cp "$bench/pairs" "$rivals/bind.sh" "$here/parts/devices-inside.sh" "$work/bench"
	{
		echo "<domain type='kvm'><name>bench</name><uuid>11111111-2222-3333-4444-555555555501</uuid><devices>"
		for a in "${addresses[@]}"; do hostdev "$a"; done
		echo "</devices></domain>"
	} > "$work/bench/vm.xml"
	printf '[devices]\ntake = all\ndriver = vfio-pci\n' > "$work/bench.ini"
	# on one processor: waking the fake kernel on another one would be most of what is measured
	against "prepare, functions: $2" "the guides' shell script" "$(
		taskset -c 0 "$BUILD/tests/fake/in-fake" "$here/../data/$1.machine" --install "$work/installed" --ini "$work/bench.ini" \
			--bind "$work/bench:/bench" --modules irqbypass,vfio,vfio_virqfd,vfio_pci_core,vfio_pci -- \
			/bin/bash /bench/devices-inside.sh "$3" "${addresses[@]}"
	)"
}

make --no-print-directory -s -C "$here/../.." install DESTDIR="$work/installed" > /dev/null
compare grace 1 100
compare sixty-four 8 50
compare sixty-four 64 10
