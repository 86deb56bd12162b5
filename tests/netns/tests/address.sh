# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# address.sh - the address: a reservation by MAC, a lease that comes late and changes, the interface that was asked for
rules libvirt9
before
guests_serve
ini train01 <<-INI
	[forward ssh]
	listen = 12223
	to = 22
INI
start train01
no_reach client tcp $host 12223
said "forward ssh of train01: 12223/tcp waits until the VM has an address"
lease $two 52:54:00:00:00:99
watch files
no_reach client tcp $host 12223
lease $one 52:54:00:00:00:01
watch files
[ $? -eq 10 ] || fail "a change is not told"
reach one:22 client tcp $host 12223
lease $two 52:54:00:00:00:01
watch files
reach two:22 client tcp $host 12223
watch files
[ $? -eq 0 ] || fail "something was changed without need"
# a lease that has ended is none
printf '[ { "ip-address": "%s", "mac-address": "52:54:00:00:00:01", "expiry-time": 1000 } ]\n' $one > /var/lib/libvirt/dnsmasq/virbr0.status.new
lease
watch files
no_reach client tcp $host 12223
# a reservation wins over a lease
lease $two 52:54:00:00:00:01
cat > /run/libvirt/network/default.xml <<-XML
	<networkstatus><network><name>default</name><bridge name='virbr0'/><ip address='192.168.122.1'><dhcp>
	<host mac='52:54:00:00:00:01' name='x' ip='$one'/></dhcp></ip></network></networkstatus>
XML
network updated
reach one:22 client tcp $host 12223
stop train01
ini train01 <<-INI
	[forward ssh]
	listen = 12223
	to = 22
	interface = 52:54:00:00:00:02
INI
start train01
no_reach client tcp $host 12223
stop train01
ini train01 <<-INI
	[forward ssh]
	listen = 12223
	to = 22
	interface = default
	[forward other]
	listen = 12224
	to = $two:22
INI
start train01
reach one:22 client tcp $host 12223
reach two:22 client tcp $host 12224
stop train01
after
# the host's own address is not a guest's, nor is one that every link has
ini train01 <<-INI
	[forward own]
	listen = 12223
	to = $bridge:22
	[forward link]
	listen = [$host6]:12223
	to = [fe80::1]:22
INI
: > $log
start train01
said "[forward own] in vms/train01.ini would lead to 192.168.122.1, which is the host itself: write the VM's own address into [network]"
said "[forward link] in vms/train01.ini would lead to fe80::1"
nft list table inet virt_handoff 2> /dev/null && fail "there is a table"
stop train01
# a VM with the MAC of another one does not get its lease: who has it keeps it, whoever starts first
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
rm /run/libvirt/network/default.xml
printf '[forward a]\nlisten = 12223\nto = 22\n' | ini train01
printf '[forward b]\nlisten = 12300\nto = 22\n' | ini train02
lease $one 52:54:00:00:00:01
start train01
reach one:22 client tcp $host 12223
start train02 $two_uuid 52:54:00:00:00:01
said "train02 has a MAC that train01 has too: no address is looked up for it"
watch files
no_reach client tcp $host 12300
reach one:22 client tcp $host 12223
stop train02 $two_uuid
stop train01
start train02 $two_uuid 52:54:00:00:00:01
reach one:22 client tcp $host 12300
stop train02 $two_uuid
# on a network of its own that MAC is nobody else's
elsewhere() { xml train02 $two_uuid 52:54:00:00:00:01 | sed "s/'default' bridge='virbr0'/'lab' bridge='virbr7'/" | "$qemu_hook" train02 "$1" "$2" -; }
elsewhere prepare begin || fail "prepare of train02"
elsewhere started begin || fail "started of train02"
start train01
reach one:22 client tcp $host 12223
stop train01
elsewhere stopped end || fail "stopped of train02"
elsewhere release end || fail "release of train02"
after
