#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vgpus.sh - the boot helper against an rc.local and against mdevctl, on the fake kernel: 8 cards, 32 functions each
set -eu
. "$here/lib.sh"

if [ "$(id -u)" -ne 0 ] || [ ! -e /dev/fuse ]; then
	echo "skip vGPUs: the fake kernel needs root and /dev/fuse"
	[ "${MUST_RUN:-}" = 1 ] && exit 1
	exit 0
fi
command -v mdevctl > /dev/null || echo "skip against mdevctl: it is not installed; make deps"

cards=(11 21 41 61 81 a1 c1 e1)

# fill VGPUS - the same vGPUs as INI files, one for each VM, as lines of an rc.local and as mdevctl's files; mdevctl's have
# other UUIDs, because the boot helper tells of those that have two owners
fill() {
	local i card function vf uuid
	rm -rf "$work/vgpus"
	mkdir -p "$work/vgpus/etc/vms" "$work/vgpus/mdevctl.d/scripts.d/callouts" "$work/vgpus/mdevctl.d/scripts.d/notifiers" "$work/vgpus/bench"
	cp "$bench/pairs" "$rivals/mdevctl-start.sh" "$rivals/remove-mdevs.sh" "$here/parts/vgpus-inside.sh" "$work/vgpus/bench"
	for card in "${cards[@]}"; do
		printf '[gpu g%s]\naddress = 0000:%s:00.0=10de:2235\nvfs = all\n' "$card" "$card"
	done > "$work/vgpus/etc/host.ini"
	for ((i = 0; i < $1; i++)); do
		card=${cards[i % 8]}
		function=$((i / 8 + 4))
		printf -v vf '0000:%s:%02x.%x' "$card" $((function / 8)) $((function % 8))
		printf -v uuid '6f5b2a0e-52a1-4b55-9d0c-%012x' "$i"
		printf '[vgpu one]\nuuid = %s\ntype = NVIDIA A40-1Q\ngpu = g%s\n' "$uuid" "$card" > "$work/vgpus/etc/vms/vm$i.ini"
		echo "echo $uuid > /sys/bus/pci/devices/$vf/mdev_supported_types/nvidia-557/create" >> "$work/vgpus/bench/rc.local"
		mkdir "$work/vgpus/mdevctl.d/$vf"
		echo '{"mdev_type":"nvidia-557","start":"auto"}' > "$work/vgpus/mdevctl.d/$vf/${uuid/9d0c/9d0d}"
	done
}

# inside VGPUS PAIRS [MS]
inside() {
	fill "$1"
	"$BUILD/tests/fake/in-fake" "$here/../data/eight-a40.machine" --install "$work/installed" \
		--bind "$work/vgpus/etc:/etc/virt-handoff" --bind "$work/vgpus/mdevctl.d:/etc/mdevctl.d" \
		--bind "$work/vgpus/bench:/bench" -- /bin/bash /bench/vgpus-inside.sh "$@"
}

# rows VGPUS PAIRS [MS] - a row for each rival
rows() {
	local lines key a b low mid high n processes ours counts=()
	lines=$(inside "$@")
	while read -r key processes; do
		[ "$key" != processes ] || read -r -a counts <<< "$processes"
	done <<< "$lines"
	ours=${counts[0]:--}
	while read -r key a b low mid high n _; do
		[ "$key" != processes ] || continue
		read -r a b low mid high <<< "$(digits "${a:?what was timed has failed}" "$b" "$low" "$mid" "$high")"
		[ "$key" = rc ] && processes=${counts[1]:--} || processes=${counts[2]:--}
		[ "$key" = rc ] && key='`rc.local`' || key='`mdevctl start-parent-mdevs`'
		row "$1" "${3:-0} ms" "$key" "$a ms" "$b ms" "**$mid** ($low to $high)" "$n" "$ours" "$processes"
	done <<< "$lines"
}

make --no-print-directory -s -C "$here/../.." install DESTDIR="$work/installed" > /dev/null
head_row vGPUs 'a creation takes' against 'boot helper' other ratio pairs 'our processes' 'its processes'
rows 1 20
rows 8 20
rows 64 20
rows 256 5
rows 8 1 200
rows 64 1 200
rows 256 1 200
