# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# conflicts.sh - a port that somebody else has is refused by name, and the VM starts; with required = yes it does not
rules libvirt9
before
guests_serve
serve host tcp 0.0.0.0 7777
two_uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83e
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223, 8000-8100
	[forward web]
	listen = 203.0.113.2:80
INI
start train01
refused()	# refused LISTEN WHAT
{
	ini train02 <<-INI
		[network]
		address = $two
		[forward x]
		listen = $1
		[forward good]
		listen = 12300
		to = 22
	INI
	: > $log
	start train02 $two_uuid
	said "$2"
	reach two:22 client tcp $host 12300
	stop train02 $two_uuid
	ini train02 <<-INI
		[network]
		address = $two
		[forward x]
		listen = $1
		required = yes
	INI
	if hook train02 prepare begin $two_uuid 2> /run/stderr; then fail "required = yes starts with $1"; fi
	grep -qF -- "$2" /run/stderr || fail "virsh is told: $(cat /run/stderr)"
	hook train02 stopped end $two_uuid
	hook train02 release end $two_uuid
}
refused 12223 "12223/tcp is train01's ([forward ssh] there, 12223/tcp): choose another port for [forward x] in vms/train02.ini"
refused 8050 "8050/tcp is train01's ([forward ssh] there, 8000-8100/tcp): choose another port"
refused 7000-8000 "7000-8000/tcp is train01's"
refused 80 "80/tcp is train01's ([forward web] there, 203.0.113.2:80/tcp): choose another port"
refused 203.0.113.1:12223 "203.0.113.1:12223/tcp is train01's"
refused 7777 "7777/tcp is in use by the host itself (0.0.0.0:7777/tcp): choose another port for [forward x] in vms/train02.ini, or stop that program"
refused 7776-7778 "in use by the host itself"
printf '[firewall]\nallowed-ports = 10000-20000\n' > /etc/virt-handoff/host.ini
refused 9999 "9999/tcp is not within allowed-ports of host.ini: choose another port for [forward x] in vms/train02.ini"
rm /etc/virt-handoff/host.ini
# other protocol, other address, other client: no conflict
ini train02 <<-INI
	[network]
	address = $two
	[forward x]
	listen = 12223/udp, 203.0.113.1:80
	to = 53
	required = yes
INI
start train02 $two_uuid
reach two:53 client udp $host 12223
stop train02 $two_uuid
stop train01
after
