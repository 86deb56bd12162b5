# SPDX-License-Identifier: GPL-2.0-or-later
# forward-killed.sh - libvirtd or the hook is killed, or the VM dies while libvirtd is away: no forward is left
# time: 40
forwarding
vm -n $mac one
printf '[network]\naddress = 192.168.122.50\n[forward ssh]\nlisten = 12223\n' > $vms/one.ini
before

hook_of() { pgrep -f "^/etc/libvirt/hooks/.* one $1 "; }

note "libvirtd is killed, and QEMU dies while it is away"
start one
forwarded 12223 || fail "no forward: $(journal | tail -n 1)"
systemctl kill --kill-who=main --signal=STOP $qemud
kill -KILL "$(cat /run/libvirt/qemu/one.pid)"
systemctl kill --kill-who=main --signal=KILL $qemud
until_true 120 eval 'virsh list > /dev/null 2>&1' || fail "libvirtd did not come again"
until_true 60 is_domstate one 'shut off' || fail "the VM is $(domstate one)"
until_true 60 not_forwarded 12223 || fail "the forward of a VM that died is left"

# Who holds the lock of the firewall keeps every hook waiting
lock()
{
	local file=$state/lock/firewall

	# Who drops it deletes the file: what counts is the one that the name leads to
	until { exec 9>> $file && flock 9; } && [ $file -ef /proc/$BASHPID/fd/9 ]; do
		sleep 0.1
	done
}
unlock() { rm -f $state/lock/firewall; exec 9>&-; }
kill_hook()	# kill_hook OPERATION
{
	until_true 60 hook_of $1 > /dev/null || fail "no hook waits in $1"
	kill -KILL "$(hook_of $1)"
}

note "the hook is killed in started: libvirt gives the VM up"
lock
virsh -q start one 9>&- & job=$!
kill_hook started
unlock
wait $job && fail "libvirt goes on with a VM whose hook was killed: this test shows nothing"
until_true 60 is_domstate one 'shut off' || fail "the VM is $(domstate one)"
not_forwarded 12223 || fail "the forward of a VM that never ran is left"
[ ! -e $state/forwards/one ] || fail "the list of a VM that never ran is left"

note "the hook is killed in stopped: release does its work"
start one
forwarded 12223 || fail "no forward: $(journal | tail -n 1)"
lock
virsh -q destroy one 9>&- & job=$!
kill_hook stopped
unlock
wait $job || fail "virsh destroy"
not_forwarded 12223 || fail "release did not take the forward away"

note "the hook is killed in stopped and in release: the next event does their work, the watch's or a start's"
start one
forwarded 12223 || fail "no forward: $(journal | tail -n 1)"
lock
virsh -q destroy one 9>&- & job=$!
kill_hook stopped
kill_hook release
unlock
wait $job
is_domstate one 'shut off' || fail "the VM is $(domstate one)"
sed -i s/12223/12224/ $vms/one.ini
start one
forwarded 12224 || fail "the new forward was not made"
not_forwarded 12223 || fail "what the killed hook left is still there"
destroy one
systemctl reset-failed
after
