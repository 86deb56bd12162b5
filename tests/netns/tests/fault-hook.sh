# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fault-hook.sh - a hook without descriptors, memory or streams, a dead /etc, a full or read-only /run: nothing is left behind
rules libvirt9
before
guests_serve
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
	local = yes
INI
# call WHAT OPERATION SUB WRAP... - libvirt's call, with this in front of the hook; it may fail, but not by a signal
call()
{
	what=$1 op=$2 sub=$3
	shift 3
	xml train01 | "$@" "$qemu_hook" train01 "$op" "$sub" - 2> /run/err
	status=$?
	[ $status -lt 128 ] || fail "$what: $op was ended by signal $((status - 128))"
	[ "$op" != reconnect ] || [ $status = 0 ] || [ $status = 127 ] || fail "$what: libvirt would kill the VM: $(cat /run/err)"
}
# poor WHAT WRAP... - a start, and the rest of a VM's life, with this in front; each ends with a stop as it should be
poor()
{
	what=$1
	shift
	hook train01 prepare begin
	call "$what" prepare begin "$@"
	call "$what" started begin "$@"
	stop train01
	nft list table inet virt_handoff 2> /dev/null && fail "$what: a start leaves our table"
	start train01
	call "$what" reconnect begin "$@"
	call "$what" stopped end "$@"
	call "$what" release end "$@"
	stop train01
	after
}
for n in 4 5 6 7 8 9 10 12; do
	poor "no descriptor is left: $n" prlimit --nofile=$n
done
if [ ! "$SANITIZED" ]; then	# AddressSanitizer needs terabytes to begin with
	for n in 7 8 9 10 11 12; do
		poor "no memory is left: $n MiB" prlimit --as=$((n * 1048576))
	done
fi
# shellcheck disable=SC2016 # for the inner shell
for streams in '<&-' '>&- 2>&-' '<&- >&- 2>&-'; do
	poor "streams are closed: $streams" sh -c 'exec "$@" '"$streams" sh
done
# the kernel does not let it: a container without CAP_NET_ADMIN
poor "the firewall is out of reach" setpriv --bounding-set -net_admin
said "started of train01 failed: the firewall may be changed by root alone"

# called by hand, with less than libvirt gives
for program in qemu network gate gate-network; do
	"$BUILD/hooks/$program" train01 prepare 2> /run/err
	[ $? -eq 2 ] || fail "$program with two arguments is not refused"
	grep -q '^usage: .*, as libvirt calls a .* hook$' /run/err || fail "$program says: $(cat /run/err)"
done
after

# the file system of the INI files has died: ENOTCONN for everything
mknod /dev/fuse c 10 229 || fail "no /dev/fuse"
dead() { exec 9<> /dev/fuse; mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 dead $vms || fail "no dead file system"; exec 9>&-; }
start train01
reach one:22 client tcp $host 12223
dead
watch files
watch firewall
hook train01 reconnect begin || fail "/etc has died: libvirt would kill the VM"
reach one:22 client tcp $host 12223
nft flush table inet virt_handoff
watch firewall
reach one:22 client tcp $host 12223
stop train01
no_reach client tcp $host 12223
hook train01 prepare begin 2> /run/err && fail "/etc has died: the VM starts as if it had no INI file"
umount $vms
grep -q "virt-handoff/vms\|vms/train01.ini" /run/err || fail "/etc has died: $(cat /run/err)"
after

# /run is read-only: who starts is told; who stops loses his forwards all the same, or the next event takes them
start train01
mount -o remount,ro /run 2> /dev/null || { mount --bind $state $state && mount -o remount,ro,bind $state; } || fail "/run stays writable"
call "/run is read-only" stopped end env
call "/run is read-only" release end env
call "/run is read-only" started begin env
mount -o remount,rw /run 2> /dev/null
umount $state 2> /dev/null
stop train01
after
# the folder of what is written down alone: the forwards go all the same, and what is left there with the next event
start train01
reach one:22 client tcp $host 12223
{ mount --bind $state/forwards $state/forwards && mount -o remount,ro,bind $state/forwards; } || fail "$state/forwards stays writable"
: > $log
call "the file of forwards stays" stopped end env
said "/run/virt-handoff/forwards/train01 cannot be removed: Read-only file system"
no_reach client tcp $host 12223
umount $state/forwards
[ -e $state/forwards/train01 ] || fail "the file of forwards has not stayed"
stop train01
after
