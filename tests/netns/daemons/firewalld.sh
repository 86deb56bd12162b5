# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# firewalld.sh - firewalld without libvirtd: its own rule for DNATed packets lets forwards through, before and after its reloads
firewalld_up
[ "$(firewall-cmd --get-default-zone)" = public ] || fail "firewalld's default zone is not public"
grep -q '^FirewallBackend=nftables' /etc/firewalld/firewalld.conf || fail "firewalld does not use nftables"
bridge_up
namespace one $one $bridge $one6 fd00:22::1
plug one
forwards
sed -i '1i [network]\naddress = '"$one $one6" $vms/train01.ini
without_vm
no_reach client tcp $host 12223
start train01
watch_up
address6=$one6
works
# it is this rule, and without it forwards do not pass
dnat() { nft -a list chain inet firewalld filter_FORWARD | sed -n 's/.*ct status dnat accept # handle //p'; }
[ "$(dnat)" ] || fail "firewalld has no rule that accepts what has been DNATed"
nft delete rule inet firewalld filter_FORWARD handle "$(dnat)"
no_reach client tcp $host 12223
for how in --reload --complete-reload; do
	firewall-cmd -q $how || fail "firewall-cmd $how"
	[ "$(dnat)" ] || fail "$how does not bring the rule back"
	works
done
# nobody is let in whom firewalld keeps out
no_reach client tcp $one 22
nft list table ip filter 2> /dev/null && fail "a table of iptables was made where there is none"
ends $firewalld
works
firewalld_up
works
stop train01
watch_ends
no_reach client tcp $host 12223
without_a_trace
