# SPDX-License-Identifier: GPL-2.0-or-later
# uninstall.sh - make uninstall leaves nothing, and libvirt goes on without the suite; a new hook waits for a reload
# machine: its own, because it takes away what the snapshot has
# time: 35
vm -y one $card1.0 $card1.1
tar -C / -cf /tmp/hooks.tar etc/libvirt/hooks
cp /usr/sbin/virt-handoff /root/virt-handoff
before

make -s -C /root/src uninstall PREFIX=/usr || fail "make uninstall"
systemctl daemon-reload
libvirtd_does reload
files_list > /tmp/files
diff /root/files.before /tmp/files > /tmp/files.diff || { cat /tmp/files.diff; fail "left or lost: $(grep '^[<>]' /tmp/files.diff | head -n 5 | tr '\n' ' ')"; }
start one
destroy one
at_home $card1
[ -z "$(journal)" ] || fail "something was said: $(journal | head -n 1)"

# As the README says: libvirtd looks for hooks when it starts and when it is reloaded.
tar -C / -xpf /tmp/hooks.tar
mkdir -p $vms
echo nonsense > $vms/one.ini
start one
destroy one
[ -z "$(journal)" ] || fail "libvirtd runs a hook that it was not told of: the README says otherwise"
/root/virt-handoff check > /tmp/check.out && fail "check says that all is well, and libvirtd does not know of the hook"
grep -qF '[hook-unknown]' /tmp/check.out || fail "check: $(cat /tmp/check.out)"
libvirtd_does reload
/root/virt-handoff check > /tmp/check.out
! grep -F '[hook-unknown]' /tmp/check.out || fail "check does not see that libvirtd was reloaded"
until_true 120 eval '! virsh start one > /tmp/start.out 2>&1 || { virsh -q destroy one; false; }' ||
	fail "libvirtd does not run the hook after a reload"
grep -q one.ini /tmp/start.out || fail "$(cat /tmp/start.out)"
at_home $card1
rm $vms/one.ini
after
