# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# one-guest.sh - two VMs forward to the same ports of one guest: when one of them stops, the other's forwards go on
rules libvirt9
before
serve one tcp $one 22
serve one tcp $one 8005
other=2f82ee72-3ac5-4615-9c0b-000000000001
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12300, 12302
	to = 22
	[forward range]
	listen = 8000-8010
INI
ini train02 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12301
	to = 22
	[forward range]
	listen = 9003-9009
	to = 8003
INI
start train01
start train02 $other
reach one:22 client tcp $host 12300
reach one:22 client tcp $host 12301
reach one:8005 client tcp $host 8005
reach one:8005 client tcp $host 9005
stop train01
no_reach client tcp $host 12300
no_reach client tcp $host 8005
reach one:8005 client tcp $host 9005
reach one:22 client tcp $host 12301
reach one:22 two tcp $host 12301
stop train02 $other
after
