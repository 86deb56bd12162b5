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
