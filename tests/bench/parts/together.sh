#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# together.sh - eight VMs that are started at the same time, against one after the other: the hook alone, and in the lab
set -eu
. "$here/lib.sh"

missed() { echo "skip bench together: $1"; [ "${MUST_RUN:-}" != 1 ]; exit; }
if [ "$(id -u)" -ne 0 ] || [ ! -e /dev/fuse ]; then missed "the fake kernel needs root and /dev/fuse"; fi

# cards BUS... - a VM for each, with its ten forwards
cards() {
	local n=0 bus function
	rm -rf "$work/together"
	mkdir -p "$work/together/etc/vms" "$work/together/bench"
	cp "$bench/pairs" "$here/parts/together-inside.sh" "$work/together/bench"
	for bus; do
		n=$((n + 1))
		{
			echo "<domain type='kvm'><name>vm$n</name><uuid>11111111-2222-3333-4444-55555555550$n</uuid><devices>"
			for function in $functions; do
				printf "<hostdev mode='subsystem' type='pci' managed='yes'><source>"
				printf "<address domain='0x0000' bus='0x%s' slot='0x00' function='0x%s'/></source></hostdev>\n" "$bus" "$function"
			done
			echo "<interface type='network'><mac address='52:54:00:00:00:0$n'/><source network='default' bridge='virbr0'/></interface>"
			echo "</devices></domain>"
		} > "$work/together/bench/vm$n.xml"
		{
			printf '[network]\naddress = 192.168.122.%d\n' $((10 + n))
			printf '[forward ports]\nlisten = %d-%d\n' $((20000 + 10 * n)) $((20009 + 10 * n))
			[ -z "$functions" ] || printf '[devices]\ntake = all\n'
			[ -n "$functions" ] || printf '[vgpu one]\nuuid = 6f5b2a0e-52a1-4b55-9d0c-00000000000%d\ntype = NVIDIA A40-1Q\ngpu = g%s\ncreate = start\n' $n "$bus"
		} > "$work/together/etc/vms/vm$n.ini"
		printf '[gpu g%s]\naddress = 0000:%s:00.0\n' "$bus" "$bus" >> "$work/together/etc/host.ini"
	done
}

# rows WHAT MACHINE PAIRS OPTION... - what the hook does before eight VMs start
rows() {
	local what=$1 machine=$2 pairs=$3 a b low mid high n
	shift 3
	read -r a b low mid high n _ < <("$BUILD/tests/fake/in-fake" "$here/../data/$machine.machine" --install "$work/installed" \
		--bind "$work/together/etc:/etc/virt-handoff" --bind "$work/together/bench:/bench" \
		--modules irqbypass,vfio,vfio_virqfd,vfio_pci_core,vfio_pci "$@" -- /bin/bash /bench/together-inside.sh pairs "$pairs")
	read -r a b low mid high <<< "$(digits "${a:?what was timed has failed}" "$b" "$low" "$mid" "$high")"
	row "$what" "$a ms" "$b ms" "**$mid** ($low to $high)" "$n"
}

make --no-print-directory -s -C "$here/../.." install DESTDIR="$work/installed" > /dev/null
head_row '8 VMs, 10 forwards each' 'all at once' 'one after the other' ratio pairs
functions='0 1'
cards 11 12 13 14 31 32 33 34
rows 'hooks, a card each' sixty-four 10
functions=''
cards 11 21 41 61 81 a1 c1 e1
rows 'hooks, a vGPU each, which takes no time' eight-a40 10
rows 'hooks, a vGPU each, which takes 200 ms' eight-a40 3 --control 'make * 200'
rows 'hooks, a vGPU each, which takes 1000 ms' eight-a40 1 --control 'make * 1000'
[ -n "${NO_LAB:-}" ] || "$here/../lab/together" "${LAB_PAIRS:-2}" | while read -r a b low mid high n; do
	row '`virsh start` in the lab, 3 of them with a card' "$a s" "$b s" "**$mid** ($low to $high)" "$n"
done
