# shellcheck shell=bash disable=SC2154 # lib.sh sets the rest
# SPDX-License-Identifier: GPL-2.0-or-later
# network.sh - what is counted in a network namespace: forwards, with the real packet filter, and the command
#
# Needs $profiles, $BUILD and $all (not only what is counted at every check), and tests/netns/lib.sh before it.
host_up
rules libvirt9
# the same paths in every clone
mkdir /run/build /run/crowd
mount --bind "$BUILD" /run/build
BUILD=/run/build
qemu_hook=$BUILD/hooks/qemu
cd /run || exit 1

# many FORWARDS - an INI file with a section for each
many() {
	printf '[network]\naddress = %s\n' "$one"
	seq "$1" | awk '{ printf "[forward f%d]\nlisten = %d\nto = 22\n", $1, 20000 + $1 }'
}

count gate.no-ini-file $BUILD/hooks/gate no-such-vm prepare begin -
count gate-network.no-forwards $BUILD/hooks/gate-network default started begin -
xml bench > /run/vm.xml
for n in 10 1000; do
	many $n | ini bench
	hook bench prepare begin
	count qemu.started-$n-forwards "$qemu_hook" bench started begin - < /run/vm.xml
	count network.started-$n-forwards $BUILD/hooks/network default started begin - < /dev/null
	count qemu.stopped-$n-forwards "$qemu_hook" bench stopped end - < /run/vm.xml
done

$BUILD/tests/bench/crowd /run/crowd 64 256 4096
# verb SCENARIO VERB...
verb() { count "virt-handoff.$1" $BUILD/helpers/virt-handoff --root /run/crowd "${@:2}"; }
verb status-64-VMs status
verb status-json-64-VMs status --json
[ -n "$all" ] || return 0

verb status-prometheus-64-VMs status --prometheus
for what in gpus vgpus types ports; do verb list-$what-64-VMs list $what; done
verb plan-2-functions plan vm1
ends=01 verb check-64-VMs check
sed 's/<name>vm1</<name>other</; s/<uuid>0/<uuid>1/' /run/crowd/etc/libvirt/qemu/vm1.xml > /run/crowd/etc/libvirt/qemu/other.xml
verb new new other --print
verb early-show early show
verb keys keys
verb record-4096-functions record /run/record
mkdir /run/crowd/etc/driverctl.d
ends=013 verb import-driverctl import driverctl
