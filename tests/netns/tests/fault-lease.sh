# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fault-lease.sh - a lease file that is empty, cut, garbage, or not a file: forwards stay, and the next good one counts
rules libvirt9
before
guests_serve
status=/var/lib/libvirt/dnsmasq/virbr0.status
ini train01 <<-INI
	[forward ssh]
	listen = 12223
	to = 22
INI
lease $one 52:54:00:00:00:01
cp $status /run/good
# an address that is reserved or typed in does not need the file
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
ini train02 <<-INI
	[network]
	address = $two
	[forward ssh]
	listen = 12300
	to = 22
INI
start train01
start train02 $two_uuid 52:54:00:00:00:02
reach one:22 client tcp $host 12223

# still WHAT - after this fault, whoever is told of it; then the file is good again, with another address
still()
{
	watch files
	watch firewall
	hook train01 reconnect begin || fail "$1: reconnect fails"
	network updated || fail "$1: the network hook fails"
	reach one:22 client tcp $host 12223
	reach two:22 client tcp $host 12300
	rm -rf $status
	cp /run/good $status
	sed -i "s/\"$one\"/\"$two\"/" $status
	watch files
	reach two:22 client tcp $host 12223
	cp /run/good $status
	watch files
	reach one:22 client tcp $host 12223
}
# fault FAULT COMMAND... - the file is damaged by the command; a VM starts and stops meanwhile
damage()
{
	what=$1
	shift
	"$@" || fail "$what: cannot be made"
	still "$what"
	"$@"
	stop train01
	no_reach client tcp $host 12223
	start train01 || fail "$what: train01 does not start"
	no_reach client tcp $host 12223
	rm -rf $status
	cp /run/good $status
	watch files
	reach one:22 client tcp $host 12223
}
cut() { head -c "$1" /run/good > $status; }
garbage() { printf '\001\377\000{"ip-address"' > $status; }
folder() { rm $status && mkdir $status; }
size=$(wc -c < /run/good)
damage "the lease file is cut in half" cut $((size / 2))
damage "the lease file is cut before its last byte" cut $((size - 4))
damage "the lease file is garbage" garbage
damage "the lease file is a folder" folder

# what dnsmasq's helper writes when the last lease has gone, and before the first
gone()
{
	watch files
	no_reach client tcp $host 12223
	reach two:22 client tcp $host 12300
	rm -f $status
	cp /run/good $status
	watch files
	reach one:22 client tcp $host 12223
	said "forward ssh of train01" || fail "$1: nothing was said"
}
echo '[ ]' > $status
gone "no lease"
: > $status
gone "the lease file is empty"
rm $status && mkfifo $status
gone "the lease file is a pipe"
stop train01
stop train02 $two_uuid
after
