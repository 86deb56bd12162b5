# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# units.sh - what each unit of ours keeps its program from, and what it leaves it: seen by a script in the program's place
# builds: plain
# time: 60
# The settings are the installed unit's. Only the program is another one: it tries, and prints `yes` or `no` for each thing.
cat > /opt/probe <<-'S'
	try() { if "${@:2}" > /dev/null 2>&1; then echo "$1 yes"; else echo "$1 no"; fi; }
	write() { try "$1" bash -c 'echo x > "$1"' bash "$2"; [ "${3:-}" ] || rm -f "$2"; }
	has() { (( 0x$(sed -n 's/^CapBnd:[[:blank:]]*//p' /proc/self/status) >> $1 & 1 )); }
	try cap-chown has 0
	try cap-dac-override has 1
	try cap-dac-read-search has 2
	try cap-kill has 5
	try cap-setuid has 7
	try cap-net-admin has 12
	try cap-net-raw has 13
	try cap-sys-module has 16
	try cap-sys-rawio has 17
	try cap-sys-ptrace has 19
	try cap-sys-admin has 21
	try cap-mknod has 27
	write etc /etc/virt-handoff/probe
	write usr /usr/probe
	write var /var/lib/probe
	write home /home/probe
	write run /run/probe.file
	write run-ours /run/virt-handoff/probe
	try proc-sys-net bash -c 'echo 0 > /proc/sys/net/ipv4/conf/all/log_martians'
	write sys "/sys/bus/pci/devices/$1/driver_override" keep
	write kmsg /dev/kmsg keep
	try sees-home ls /home/seen
	try sees-mount-of-home grep -q ' /home ' /proc/self/mountinfo
	try sees-route grep -q "^v-probe[[:blank:]]00000000" /proc/net/route
	try sees-processes test -e "/proc/$2/comm"
	try sees-their-files readlink "/proc/$2/fd/0"
	try opens-device bash -c ': < /dev/snd/controlC0'
	try loads-module bash -c 'modprobe mtty && modprobe -r mtty'
	try inet bash -c ': < /dev/udp/127.0.0.1/9'
	try mounts mount -t tmpfs none /mnt
	try namespaces unshare --mount true
	try new-privileges grep -qx 'NoNewPrivs:[[:blank:]]*0' /proc/self/status
	try sets-clock date -s now
S
before
mkdir -p /home /var/lib/prometheus/node-exporter $state
mount -t tmpfs tmpfs /home
touch /home/seen
ip link add v-probe type dummy
ip link set v-probe up
ip route add default dev v-probe metric 900
until_true 60 test -e /dev/snd/controlC0 || fail "there is no sound device"
setpriv --reuid=65534 --regid=65534 --clear-groups sleep 600 < /dev/null &
other=$!
mkdir -p /var/lib/virt-handoff
touch $vms/probe.ini /var/lib/virt-handoff/early.list

# probe UNIT - runs it; what it has said is in /run/probe.UNIT
probe()
{
	mkdir -p "/run/systemd/system/$1.d"
	printf '%s\n' '[Service]' 'Type=oneshot' 'RemainAfterExit=no' 'Restart=no' "StandardOutput=truncate:/run/said.$1" 'ExecStart=' \
		"ExecStart=/bin/bash /opt/probe $lone $other" > "/run/systemd/system/$1.d/probe.conf"
	systemctl daemon-reload
	systemctl start "$1" || fail "$1 does not start: $(journalctl -q -n 5 --no-pager -u "$1")"
	grep -q ' yes$' "/run/said.$1" || fail "$1: nothing was tried: $(cat "/run/said.$1")"
}
# may UNIT WHAT... - these and no others are possible there
may()
{
	probe "$1"
	sed -n 's/ yes$//p' "/run/said.$1" > /run/have
	printf '%s\n' "${@:2}" > /run/want
	[ "$(sort /run/have)" = "$(sort /run/want)" ] || fail "$1: more or less is possible than it needs: $(diff <(sort /run/want) <(sort /run/have) | grep '^[<>]' | tr '\n' ' ')"
	note "$1: $*"
}

# what runs nvidia-smi and NVIDIA's script, which make device nodes and load modules
may virt-handoff-boot.service cap-chown cap-dac-override cap-dac-read-search cap-sys-module cap-sys-ptrace cap-sys-admin cap-mknod \
	run run-ours sys sees-home sees-mount-of-home sees-route sees-processes sees-their-files opens-device loads-module
# what takes cards from the host sees all that the host needs
may virt-handoff-early.service cap-dac-read-search cap-sys-module cap-sys-ptrace \
	run run-ours sys kmsg sees-home sees-mount-of-home sees-route sees-processes sees-their-files opens-device loads-module
# (ProtectHome=yes puts an empty mount over /home: that is what it sees)
may virt-handoff-watch.service cap-dac-read-search cap-net-admin run-ours sys proc-sys-net sees-mount-of-home sees-route sees-processes inet
may virt-handoff-metrics.service cap-dac-override cap-dac-read-search cap-net-admin cap-sys-ptrace \
	run-ours sees-mount-of-home sees-route sees-processes sees-their-files

kill $other
for unit in boot early watch metrics; do rm -r "/run/systemd/system/virt-handoff-$unit.service.d"; done
systemctl daemon-reload
ip link del v-probe
modprobe -r dummy
umount /home
put '' $pci/$lone/driver_override
after
