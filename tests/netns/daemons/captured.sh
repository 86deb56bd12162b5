# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# captured.sh - the rules that tests/ load instead of the daemons (rules/) are what these daemons print
#
# To capture them anew, run this test and take what it says that is printed.
grep -qx 'VERSION_ID="12"' /etc/os-release || skip "the rules are those of Debian 12"

# table COMMAND TABLE... - those tables, without counters
tables()
{
	save=$1
	shift
	for t in "$@"; do
		"$save" -t "$t" | sed -e '/^#/d' -e 's/ \[[0-9:]*\]$/ [0:0]/'
	done
}
same_as() { grep -v '^#' "$RULES/$1" | diff - /run/printed || fail "rules/$1 is not what is printed (>)"; }
# the next daemon finds a host without rules
cleared() { nft flush ruleset; }

libvirtd_up
network_starts
until_true 30 libvirtd_has_rules
tables iptables-save mangle filter nat > /run/printed
same_as libvirt9.iptables
virsh net-destroy default
cleared
# its chains are made anew when it starts anew
ends $libvirtd
libvirtd_up
network_defined
network_starts
until_true 30 libvirtd_has_rules
tables ip6tables-save mangle filter nat > /run/printed
same_as libvirt9.ip6tables
virsh net-destroy default
ends $libvirtd
cleared
dockerd_drops
tables iptables-save filter nat > /run/printed
same_as docker.iptables
ends $dockerd
cleared
firewall --force enable
tables iptables-save filter > /run/printed
same_as ufw.iptables
