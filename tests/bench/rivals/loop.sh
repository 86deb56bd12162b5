#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# loop.sh - forwards as the guides make them: two iptables calls each
#
# usage: loop.sh add|remove N FIRST-PORT GUEST
set -eu
first=$3 guest=$4
case $1 in add) how=-I ;; *) how=-D ;; esac
i=0
while [ $i -lt "$2" ]; do
	port=$((first + i))
	iptables -t nat $how PREROUTING -p tcp --dport $port -j DNAT --to-destination "$guest:$port"
	iptables $how FORWARD -o virbr0 -p tcp -d "$guest" --dport $port -j ACCEPT
	i=$((i + 1))
done
