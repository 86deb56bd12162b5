# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# edit.sh - an INI file that is edited while the VM runs is followed; a wrong edit changes nothing; what is gone leaves nothing
rules libvirt11
before
guests_serve
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
INI
start train01
reach one:22 client tcp $host 12223
sed -i 's/12223/12300/' $vms/train01.ini
watch files
reach one:22 client tcp $host 12300
no_reach client tcp $host 12223
sed -i 's/12300/99999/' $vms/train01.ini
watch files
said "vms/train01.ini:4: listen = 99999 in [forward ssh]: '99999' is not a port"
said "the forwards of train01 stay as they are"
reach one:22 client tcp $host 12300
hook train01 reconnect begin || fail "reconnect failed: libvirt would kill the VM"
reach one:22 client tcp $host 12300
printf 'nonsense\n' > /etc/virt-handoff/host.ini
stop train01
after
rm /etc/virt-handoff/host.ini
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12300
	to = 22
INI
start train01
rm $vms/train01.ini
stop train01
after
# a range that grows over a port of the host is refused by name, and its old ports stay
serve host tcp 0.0.0.0 8001
serve one tcp $one 8000
ini train01 <<-INI
	[network]
	address = $one
	[forward web]
	listen = 8000
INI
start train01
reach one:8000 client tcp $host 8000
sed -i 's/8000/8000-8005/' $vms/train01.ini
watch files
said "8000-8005/tcp is in use by the host itself (0.0.0.0:8001/tcp)"
sed -i 's/8000-8005/8000/; s/forward web/forward renamed/' $vms/train01.ini
watch files
reach one:8000 client tcp $host 8000
# connections are forgotten only when their forward is another one, not when its section has another name
known() { conntrack -L -p tcp --orig-port-dst 8000 2> /dev/null | grep -c 'src=203.0.113.10 '; }
n=$(known)
[ "$n" -gt 0 ] || fail "the kernel knows of no connection"
sed -i 's/forward renamed/forward again/' $vms/train01.ini
printf 'local = yes\n' >> $vms/train01.ini
watch files
reach one:8000 host tcp 127.0.0.1 8000
[ "$(known)" -ge "$n" ] || fail "a new name has cost connections"
# those who may go on do: an edit ends only what it takes away
here() { conntrack -L -p tcp --orig-port-dst 8000 2> /dev/null | grep -c 'src=127.0.0.1 '; }
[ "$(here)" -gt 0 ] || fail "the kernel knows of no connection of the host"
printf 'from = 203.0.113.0/24\n' >> $vms/train01.ini
watch files
[ "$(known)" -ge "$n" ] || fail "those who may still connect were cut off"
[ "$(here)" -gt 0 ] || fail "the host itself was cut off"
sed -i 's/203.0.113.0/198.51.100.0/' $vms/train01.ini
watch files
[ "$(known)" = 0 ] || fail "those who may not connect any more go on"
[ "$(here)" -gt 0 ] || fail "the host itself was cut off, whatever from says"
no_reach client tcp $host 8000
sed -i '/^from/d; s/^local = yes/local = no/' $vms/train01.ini
watch files
[ "$(here)" = 0 ] || fail "127.0.0.1 goes on without local = yes"
reach one:8000 client tcp $host 8000
printf 'to = 22\n' >> $vms/train01.ini
watch files
[ "$(known)" = 0 ] || fail "connections go on to the old port"
stop train01
after
# of more forwards than anybody wants to read about one line says how many
ini train01 <<-INI
	[network]
	address = $one
	[forward even]
	listen = $(seq -s ', ' 12400 2 12432)
	to = 22
	[forward odd]
	listen = $(seq -s ', ' 12401 2 12431)
	to = 8000
INI
: > $log
start train01
said "forwards of train01: 33 added"
reach one:8000 client tcp $host 12431
# the last one too many
sed -i 's/12400, //' $vms/train01.ini
watch files
said "forward even of train01: 12400/tcp -> $one port 22 removed"
: > $log
stop train01
said "forward odd of train01: 12431/tcp -> $one port 8000 removed"
grep "forwards of train01" $log && fail "32 forwards have no lines of their own"
after
