#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# files.sh - N forwards as files for iptables-restore and nft, the same as forwards.c makes
#
# usage: files.sh restore|elements|rules add|remove N FIRST-PORT GUEST
#
# elements: of a table as ours is, but named bench; rules: two for each forward, in bench_rules
set -eu
awk -v form="$1" -v add="$([ "$2" = add ] && echo 1 || echo 0)" -v n="$3" -v first="$4" -v guest="$5" '
function elements(set, format,    i, port) {
	printf "%s element inet bench %s {", add ? "add" : "delete", set
	for (i = 0; i < n; i++)
		printf format ", ", first + i, first + i
	print "}"
}
function restore(table, format,    i) {
	print "*" table
	for (i = 0; i < n; i++)
		printf (add ? "-I" : "-D") format "\n", first + i, first + i
	print "COMMIT"
}
function rules(i) {
	for (i = 0; i < n; i++) {
		printf "add rule inet bench_rules dstnat tcp dport %d dnat ip to %s:%d\n", first + i, guest, first + i
		printf "add rule inet bench_rules forward oifname virbr0 ip daddr %s tcp dport %d accept\n", guest, first + i
	}
}
BEGIN {
	tag = add ? " comment \"bench\"" : ""
	if (form == "elements") {
		elements("any4", "tcp . %d" tag (add ? " : " guest " . %d" : "%.0s"))
		print (add ? "add" : "delete") " element inet bench hair4 { 192.168.122.0/24 . " guest tag " }"
	} else if (form == "restore") {
		restore("nat", " PREROUTING -p tcp --dport %d -j DNAT --to-destination " guest ":%d")
		restore("filter", " FORWARD -o virbr0 -p tcp -d " guest " --dport %d%.0s -j ACCEPT")
	} else {
		rules()
	}
}'
