# SPDX-License-Identifier: GPL-2.0-or-later
# fault-clock.sh - the clock jumps a day forward and two back in prepare's wait, and while a lease is followed: no wait ends, no forward is lost
# machine: its own, because its clock jumps
# time: 30
forwarding
vm -n $mac one $card1.0 $card1.1
ini one 'in-use = wait 300s' '[forward ssh]' 'listen = 12223'
before
day=86400
jump() { date -s "@$(($(date +%s) + $1))" > /dev/null || fail "the clock cannot be set"; }
status=/var/lib/libvirt/dnsmasq/virbr0.status
lease()	# lease SECONDS - of the VM, which ends then
{
	printf '[{"ip-address":"192.168.122.50","mac-address":"%s","expiry-time":%d}]\n' $mac $(($(date +%s) + $1)) > $status.new
	mv $status.new $status
}

note "fault: the clock jumps while prepare waits for a holder"
hold /dev/dri/by-path/pci-$card1.0-card
lease 3600
virsh -q start one & job=$!
until_true 60 eval 'journal | grep -q holder' || fail "prepare does not wait for the holder"
jump $day
sleep 1
kill -0 $job || fail "a jump forward ended the wait"
jump $((-2 * day))
sleep 1
kill -0 $job || fail "a jump back ended the wait"
at_home $card1
systemctl stop holder
wait $job || fail "virsh start"
taken $card1
forwarded 12223 || fail "no forward: $(journal | tail -n 1)"

note "fault: the clock jumps while a lease is followed"
until_true 60 is_watch active || fail "the watch was not started"
jump $((2 * day))	# the lease has ended by this clock
touch $vms/one.ini	# somebody has the files looked at
until_true 60 not_forwarded 12223 || fail "a lease that has ended is followed"
jump -$day
until_true 60 forwarded 12223 || fail "the clock is right again, and the lease is not followed"
destroy one
at_home $card1
not_forwarded 12223 || fail "the forward is left"
rm -f $status
after
