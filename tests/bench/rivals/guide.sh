#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# guide.sh - forwards as a qemu hook of the guides makes them: a name, an address, ports, two iptables calls each
#
# usage: guide.sh VM OPERATION SUB-OPERATION EXTRA, as libvirt calls it
guest=192.168.122.167
ports="12300:22 13000:14000 13001:14001 13002:14002 13003:14003 13004:14004 13005:14005 13006:14006 13007:14007 13008:14008"

[ "$1" = bench ] || exit 0
case $2 in
started) how=-I ;;
stopped) how=-D ;;
*) exit 0 ;;
esac
for p in $ports; do
	/usr/sbin/iptables -t nat $how PREROUTING -p tcp --dport "${p%:*}" -j DNAT --to "$guest:${p#*:}" || exit 1
	/usr/sbin/iptables $how FORWARD -o virbr0 -p tcp -d "$guest" --dport "${p#*:}" -j ACCEPT || exit 1
done
