# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# claims.sh - a port is kept from prepare on, for a VM that still starts and for one that waits for its address
rules libvirt9
before
guests_serve
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
ini train01 <<-INI
	[forward ssh]
	listen = 12223
	to = 22
	required = yes
INI
ini train02 <<-INI
	[network]
	address = $two
	[forward mine]
	listen = 12000-13000
	required = yes
INI
taken="12000-13000/tcp is train01's ([forward ssh] there, 12223/tcp)"
refused()
{
	if hook train02 prepare begin $two_uuid 2> /run/stderr; then fail "train02 gets the port $1"; fi
	grep -qF -- "$taken" /run/stderr || fail "virsh is told: $(cat /run/stderr)"
	hook train02 stopped end $two_uuid
	hook train02 release end $two_uuid
}
hook train01 prepare begin || fail "prepare of train01"
nft list table inet virt_handoff 2> /dev/null && fail "prepare has made a table"
refused "while train01 starts"
hook train01 started begin
said "forward ssh of train01: 12223/tcp waits until the VM has an address"
refused "while train01 waits for an address"
# a repair by whoever it is does not make a claim more than a claim
watch files
nft list table inet virt_handoff 2> /dev/null && fail "there is a table for nothing"
lease $one 52:54:00:00:00:01
watch files
reach one:22 client tcp $host 12223
refused "while train01 has it"
stop train01
# what has been claimed stays so while the VM's INI file cannot be read
hook train01 prepare begin || fail "prepare of train01"
sed -i 's/12223/122233/' $vms/train01.ini
waits() { grep -c 'waits until the VM has an address' $log; }
waited=$(waits)
hook train01 started begin || fail "started of train01"
[ "$(waits)" = "$waited" ] || fail "it is said to wait for an address, and it is the file that cannot be read"
no_reach client tcp $host 12223
refused "while train01's file cannot be read"
sed -i 's/122233/12223/' $vms/train01.ini
watch files
reach one:22 client tcp $host 12223
stop train01
start train02 $two_uuid
stop train02 $two_uuid
# the VM runs, and its `started` could not be had: what it has claimed comes with the next event of anybody
hook train01 prepare begin || fail "prepare of train01"
mkdir -p /run/libvirt/qemu
network updated
nft list table inet virt_handoff 2> /dev/null && fail "a claim of a VM that still starts has made a table"
touch /run/libvirt/qemu/train01.xml
network updated
reach one:22 client tcp $host 12223
hook train01 started begin
reach one:22 client tcp $host 12223
rm -r /run/libvirt/qemu
stop train01
# a start that fails after prepare gives the port back
hook train01 prepare begin || fail "prepare of train01"
hook train01 stopped end
hook train01 release end
hook train02 prepare begin $two_uuid || fail "the port of a VM that did not start is kept"
hook train02 stopped end $two_uuid
hook train02 release end $two_uuid
# without required, the VM starts without the port
sed -i '/required/d' $vms/train02.ini
start train01
start train02 $two_uuid
said "$taken"
stop train02 $two_uuid
stop train01
# a VM that has an INI file without forwards gets its first one while it runs
ini train01 < /dev/null
start train01
printf '[forward ssh]\nlisten = 12223\nto = 22\n' > $vms/train01.ini
watch files
reach one:22 client tcp $host 12223
stop train01
# a program of the host that comes after the claim does not take the port
hook train01 prepare begin || fail "prepare of train01"
serve host tcp $host 12223 late
reach late:12223 client tcp $host 12223
hook train01 started begin
said "12223/tcp has come into use by the host itself ($host:12223/tcp) since [forward ssh] in vms/train01.ini has claimed it"
reach one:22 client tcp $host 12223
stop train01
reach late:12223 client tcp $host 12223
after
