# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# orphan.sh - a VM that has gone without an event leaves nothing: the next event of anybody finds its forwards
rules libvirt9
before
guests_serve
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
for vm in train01 train02; do
	ini $vm <<-INI
		[network]
		address = $one
		[forward ssh]
		listen = 12223
		to = 22
		required = yes
	INI
done
running=/run/libvirt/qemu
mkdir -p $running
gone="train01 runs no more, and nobody said so: its forwards go"
# libvirt's files of a running VM
runs() { touch $running/"$1".xml && echo $$ > $running/"$1".pid; }
ends() { rm -f $running/"$1".xml $running/"$1".pid; }

hook train01 prepare begin || fail "prepare"
runs train01
hook train01 started begin
network started
watch firewall
reach one:22 client tcp $host 12223
# one of the two files is enough to be running
rm $running/train01.xml
watch firewall
reach one:22 client tcp $host 12223
# libvirtd and QEMU were killed together: the number of a process that is no more
sh -c "echo \$\$ > $running/train01.pid"
network updated
said "$gone"
no_reach client tcp $host 12223
ends train01
after

# the start of another VM that wants the very port finds it too
runs train01
start train01
ends train01
: > $log
hook train02 prepare begin $two_uuid || fail "an orphan keeps the port"
said "$gone"
runs train02
hook train02 started begin $two_uuid
reach one:22 client tcp $host 12223
ends train02
stop train02 $two_uuid
after

# a daemon that was killed while it started a VM: its claim is void, that of one that lives is not
ini train02 < /dev/null
(xml train01 | sh -c '"$1" train01 prepare begin -; exit 0' sh "$BUILD/hooks/qemu") || fail "prepare"
[ -e $state/forwards/train01 ] || fail "there is no claim"
network updated
[ ! -e $state/forwards/train01 ] || fail "the claim of a daemon that is gone is kept"
hook train01 prepare begin || fail "prepare"
network updated
[ -e $state/forwards/train01 ] || fail "the claim of a daemon that lives is void"
stop train01
after

# nor is there one when it was killed while the hook waited for its turn
: > $log
xml train01 > /run/xml
mkdir -p $state/lock
exec 8> $state/lock/$uuid
flock 8
sh -c '"$1" train01 prepare begin - < /run/xml 2>&1 | sleep 1000' sh "$qemu_hook" 8>&- &
daemon=$!
# it has the folder of locks open then
waits() { readlink /proc/"$(pgrep -x qemu -P $daemon)"/fd/* 2> /dev/null | grep -q 'virt-handoff/lock$' && pgrep -x sleep -P $daemon > /run/reader; }
until_true 30 waits || fail "the hook does not wait"
reader=$(cat /run/reader)
kill -9 $daemon "$reader"
wait $daemon
# nobody waits for the reader, which is killed a while after it was told so
closed() { ! readlink /proc/"$reader"/fd/0 > /dev/null 2>&1; }
until_true 30 closed || fail "the reader does not end"
exec 8>&-
said "prepare of train01 failed: libvirt has gone away meanwhile"
[ ! -e $state/forwards/train01 ] || fail "there is a claim"
after
