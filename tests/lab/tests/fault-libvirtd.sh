# SPDX-License-Identifier: GPL-2.0-or-later
# fault-libvirtd.sh - libvirtd is killed in started, reconnect, stopped and release (libvirtd-killed: in prepare): nothing is left or lost
# time: 60
forwarding
# its start is the last step of release
cat > /usr/local/bin/lab-kill <<-SH
	#!/bin/sh
	[ ! -e /run/lab-kill ] || systemctl kill --kill-who=main --signal=KILL $qemud
	exec sleep infinity
SH
chmod 755 /usr/local/bin/lab-kill
printf '[Service]\nExecStart=/usr/local/bin/lab-kill\n' > /etc/systemd/system/lab-kill.service
systemctl daemon-reload
systemctl start lab-kill
vm -n $mac one $card1.0 $card1.1
ini one 'stop-units = lab-kill.service' '[network]' 'address = 192.168.122.50' '[forward ssh]' 'listen = 12223'
before

hook_of() { pgrep -f "^/etc/libvirt/hooks/.* one $1 "; }
no_hook() { ! pgrep -f '^/etc/libvirt/hooks/' > /dev/null; }
# Who holds the lock of the firewall keeps started, reconnect and stopped waiting; see forward-killed.sh
lock()
{
	local file=$state/lock/firewall

	mkdir -p $state/lock
	until { exec 9>> $file && flock 9; } && [ $file -ef /proc/$BASHPID/fd/9 ]; do
		sleep 0.1
	done
}
unlock() { rm -f $state/lock/firewall; exec 9>&-; }
answers() { virsh list > /dev/null 2>&1; }
kill_libvirtd() { systemctl kill --kill-who=main --signal=KILL $qemud; }
kill_in()	# kill_in OPERATION
{
	until_true 300 hook_of "$1" > /dev/null || fail "no hook waits in $1"
	kill_libvirtd
	unlock
	until_true 300 no_hook || fail "a hook still runs after libvirtd was killed in $1"
	until_true 300 answers || fail "libvirtd did not come again after $1"
}
says_left() { virt-handoff status | grep -q 'does not run, and was not taken back'; }
all_back()
{
	until_true 300 is_domstate one 'shut off' || fail "$1: the VM is $(domstate one)"
	until_true 300 test ! -L $state/names/one || fail "$1: a ledger is left"
	at_home $card1
	not_forwarded 12223 || fail "$1: the forward is left"
	[ ! -e $state/forwards/one ] || fail "$1: the list of forwards is left"
	[ "$(systemctl is-active lab-kill)" = active ] || fail "$1: the unit is not back"
}

note "fault: libvirtd is killed in started"
virsh -q start one & job=$!
# prepare and the network's hook need that lock too: they are over when QEMU is there
until_true 300 test -s /run/libvirt/qemu/one.pid || fail "QEMU does not start"
lock
kill_in started
wait $job && fail "virsh start succeeded without libvirtd"
# its processors run already: libvirtd finds it again, and it gets what it asks for
until_true 300 is_domstate one running || fail "started: the VM is $(domstate one)"
taken $card1
until_true 300 forwarded 12223 || fail "started: the VM runs without its forward"
destroy one
all_back started

note "fault: libvirtd is killed in reconnect"
start one
qemu=$(cat /run/libvirt/qemu/one.pid)
lock
systemctl restart $qemud 9>&-
kill_in reconnect
until_true 300 is_domstate one running || fail "reconnect: the VM is $(domstate one)"
[ "$qemu" = "$(cat /run/libvirt/qemu/one.pid)" ] || fail "reconnect: QEMU is another one"
taken $card1
forwarded 12223 || fail "reconnect: the forward is gone"

note "fault: libvirtd is killed in stopped"
lock
virsh -q destroy one 9>&- & job=$!
kill_in stopped
wait $job
# libvirt 9 knows it for ended when it is back, and says no release: what it had is left, and a repair gives it back. libvirt 11
# says stopped and release then.
until_true 300 is_domstate one 'shut off' || fail "stopped: the VM is $(domstate one)"
if [ "$(virsh --version | cut -d. -f1)" -lt 11 ]; then
	# for half a minute after prepare it may be one that is being started
	until_true 300 says_left || fail "stopped: status does not say what is left: $(virt-handoff status; ls /run/libvirt/qemu)"
	virt-handoff repair || fail "virt-handoff repair"
fi
all_back stopped

note "fault: libvirtd is killed in release"
start one
touch /run/lab-kill
virsh -q destroy one
rm /run/lab-kill
until_true 300 no_hook || fail "release: a hook still runs"
until_true 300 answers || fail "release: libvirtd did not come again"
all_back release
systemctl reset-failed
after
rm /usr/local/bin/lab-kill /etc/systemd/system/lab-kill.service
