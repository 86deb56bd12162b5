# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sctp.sh - an SCTP INIT to a forwarded port arrives at the guest's port, with a right checksum; others do not
rules libvirt9
sctp=$BUILD/tests/netns/sctp
background in_ns one "$sctp" see $one /run/seen4
background in_ns one "$sctp" see $one6 /run/seen6
init() { ns=$1; shift; in_ns "$ns" "$sctp" send "$@" || fail "an INIT cannot be sent: $*"; }
# arrives NUMBER, FROM PORT: it is there, and in the same place nothing that was sent before it and not asked for
seen() { until_true 5 grep -qx "$2" "$1" || { cat "$1"; fail "the guest does not see: $2"; }; }
unseen() { ! grep "^$2 " "$1" || fail "the guest sees what is not forwarded: $2"; }
ini train01 <<-INI
	[network]
	address = $one $one6
	[forward signalling]
	listen = 9899/sctp
	to = 2905
	[forward range]
	listen = 36412-36422/sctp
	[forward web]
	listen = 8080/tcp
	to = 2905
INI
before
init client $host 9899 1001
init client $host6 9899 2001
start train01
init client $host 9899 1002
seen /run/seen4 "1002 $client 2905"
init client $host6 9899 2002
seen /run/seen6 "2002 $client6 2905"
# a port that nobody forwards, one that is forwarded for tcp, the guest's own behind libvirt's REJECT; then one that comes
init client $host 9900 1003
init client $host 8080 1004
init client $one 2905 1005
init client $host 36415 1006
seen /run/seen4 "1006 $client 36415"
init host $host 9899 1007
seen /run/seen4 "1007 $bridge 2905"
stop train01
init client $host 9899 1008
init client $host6 9899 2008
# from the host itself, which nobody stops
init host $one 2905 1009
seen /run/seen4 "1009 $bridge 2905"
init host $one6 2905 2009
seen /run/seen6 "2009 fd00:22::1 2905"
for n in 1001 1003 1004 1005 1008; do unseen /run/seen4 $n; done
for n in 2001 2008; do unseen /run/seen6 $n; done
after
