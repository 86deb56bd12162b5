#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# together.sh - eight VMs that are started at the same time, against one after the other: the hook alone, and in the lab
set -eu
. "$here/lib.sh"

missed() { echo "skip bench together: $1"; [ "${MUST_RUN:-}" != 1 ]; exit; }
[ "$(id -u)" -eq 0 ] && [ -e /dev/fuse ] || missed "the fake kernel needs root and /dev/fuse"

# eight cards with their audio, of thirty-two
mkdir -p "$work/together/vms" "$work/together/bench"
cp "$bench/pairs" "$here/parts/together-inside.sh" "$work/together/bench"
n=0
for bus in 11 12 13 14 31 32 33 34; do
	n=$((n + 1))
	{
		echo "<domain type='kvm'><name>vm$n</name><uuid>11111111-2222-3333-4444-55555555550$n</uuid><devices>"
		for function in 0 1; do
			printf "<hostdev mode='subsystem' type='pci' managed='yes'><source>"
			printf "<address domain='0x0000' bus='0x%s' slot='0x00' function='0x%s'/></source></hostdev>\n" $bus $function
		done
		echo "<interface type='network'><mac address='52:54:00:00:00:0$n'/><source network='default' bridge='virbr0'/></interface>"
		echo "</devices></domain>"
	} > "$work/together/bench/vm$n.xml"
	printf '[devices]\ntake = all\n[network]\naddress = 192.168.122.%d\n[forward ports]\nlisten = %d-%d\n' \
		$((10 + n)) $((20000 + 10 * n)) $((20009 + 10 * n)) > "$work/together/vms/vm$n.ini"
done

# rows WHERE PAIRS OPTION... - what the hook does before eight VMs start, drivers at once or slow
rows() {
	local where=$1 pairs=$2 a b low mid high n
	shift 2
	read -r a b low mid high n _ < <("$BUILD/tests/fake/in-fake" "$here/../data/sixty-four.machine" --install "$work/installed" \
		--bind "$work/together/vms:/etc/virt-handoff/vms" --bind "$work/together/bench:/bench" \
		--modules irqbypass,vfio,vfio_virqfd,vfio_pci_core,vfio_pci "$@" -- /bin/bash /bench/together-inside.sh pairs "$pairs")
	read -r a b low mid high <<< "$(digits "${a:?what was timed has failed}" "$b" "$low" "$mid" "$high")"
	row "$where" "$a ms" "$b ms" "**$mid** ($low to $high)" "$n"
}

make --no-print-directory -s -C "$here/../.." install DESTDIR="$work/installed" > /dev/null
head_row '8 VMs, a card and 10 forwards each' 'all at once' 'one after the other' ratio pairs
rows 'hooks, drivers that answer at once' 20
rows 'hooks, a driver that takes 200 ms' 5 --control 'slow nvidia * 200'
rows 'hooks, a driver that takes 1000 ms' 1 --control 'slow nvidia * 1000'
"$here/../lab/together" "${LAB_PAIRS:-2}" | while read -r a b low mid high n; do
	row '`virsh start` in the lab, 3 of them with a card' "$a s" "$b s" "**$mid** ($low to $high)" "$n"
done
