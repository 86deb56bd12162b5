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

# hostdev BUS: of a card
hostdev() { echo "<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='0x$1' slot='0' function='0'/></source></hostdev>"; }

# vm_xml NAME DEVICE: of a VM below $root, and a reservation for it
vm_xml() {
	mkdir -p "$root/etc/libvirt/qemu/networks"
	cat > "$root/etc/libvirt/qemu/$1.xml" << X
<domain type='kvm'><name>$1</name><uuid>00000000-0000-4000-8000-000000000001</uuid><devices>$2
<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/></interface></devices></domain>
X
	cat > "$root/etc/libvirt/qemu/networks/default.xml" << X
<network><name>default</name><bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>
<host mac='52:54:00:00:00:01' ip='192.168.122.167'/></dhcp></ip></network>
X
}
