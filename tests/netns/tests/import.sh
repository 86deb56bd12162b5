# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# import.sh - forwards made with iptables and imported: the same connections work, the same are refused
guests_serve
serve one tcp $one 8000-8010
serve host tcp 127.0.0.1 631 printer
in_ns client ip address add 198.51.100.10/24 dev eth0
ip route add 198.51.100.0/24 dev v-client
games=6b1d7a9c-3ac5-4615-9c0b-327c12e8c83d mac=52:54:00:00:00:02
flag=/proc/sys/net/ipv4/conf/virbr0/route_localnet

# what libvirt knows of the two VMs
mkdir -p /etc/libvirt/qemu
xml train01 > /etc/libvirt/qemu/train01.xml
xml games $games $mac > /etc/libvirt/qemu/games.xml
cat > /etc/libvirt/qemu/networks/default.xml <<-XML
	<network><name>default</name><bridge name='virbr0'/><ip address='$bridge'><dhcp>
	<host mac='52:54:00:00:00:01' ip='$one'/><host mac='$mac' ip='$two'/></dhcp></ip></network>
XML

cat > /run/notes <<NOTES
# forwards of this host
IPT="iptables -w"
ONE=$one
iptables -P FORWARD DROP
iptables -A FORWARD -m state --state RELATED,ESTABLISHED -j ACCEPT
\$IPT -t nat -A PREROUTING -p tcp --dport 12223 -j DNAT --to-destination \$ONE:22
\$IPT -t nat -A OUTPUT -d 127.0.0.1 -p tcp --dport 12223 -j DNAT --to-destination \$ONE:22
\$IPT -t nat -A POSTROUTING -d \$ONE -p tcp --dport 22 -j MASQUERADE
\$IPT -A FORWARD -p tcp -d \$ONE --dport 22 -j ACCEPT
iptables -t nat -A PREROUTING -d 203.0.113.2 -p udp --dport 5353 -j DNAT --to-destination $one:53
iptables -A FORWARD -p udp -d $one --dport 53 -j ACCEPT
iptables -t nat -A PREROUTING -p tcp -m multiport --dports 8000,8005:8007 -j DNAT --to-destination $one
iptables -t nat -A PREROUTING -p tcp --dport 19000:19003 -j DNAT --to-destination $one:8000-8003/19000
iptables -A FORWARD -d $one -p tcp --dport 8000:8007 -j ACCEPT
# for one network alone: said in PREROUTING, and said in FORWARD
iptables -t nat -I PREROUTING -s 198.51.100.0/24 -p tcp --dport 2222 -j DNAT --to $two:22
iptables -A FORWARD -d $two -p tcp --dport 22 -j ACCEPT
iptables -t nat -A PREROUTING -p tcp --dport 9000 -j DNAT --to $one:8010
iptables -I FORWARD 1 -s 198.51.100.0/24 -d $one -o virbr0 -p tcp --dport 8010 -j ACCEPT
NOTES

none_work()
{
	for port in 12223 8000 19001 9000; do no_reach client tcp $host $port; done
	no_reach host tcp 127.0.0.1 12223
}
connections()
{
	reach one:22 client tcp $host 12223
	reach one:22 host tcp 127.0.0.1 12223
	reach one:53 client udp 203.0.113.2 5353
	no_reach client udp $host 5353
	for port in 8000 8005 8007; do reach one:$port client tcp $host $port; done
	for port in 8001 8004 8008 8010 22 19004; do no_reach client tcp $host $port; done
	reach one:8000 client tcp $host 19000
	reach one:8003 client tcp $host 19003
	no_reach client tcp $host 2222
	no_reach client tcp $host 9000
	in_ns client ip route add $host/32 dev eth0 src 198.51.100.10
	reach two:22 client tcp $host 2222
	reach one:8010 client tcp $host 9000
	reach one:22 client tcp $host 12223
	in_ns client ip route del $host/32
}

none_work
echo 1 > $flag
sh -e /run/notes || fail "iptables does not take these commands"
connections
iptables-save > /run/saved
"$BUILD/helpers/virt-handoff" import iptables /run/saved > /run/imported 2> /run/said || fail "exit $?: $(cat /run/said /run/imported)"
[ ! -s /run/said ] || fail "said: $(cat /run/said)"
"$BUILD/helpers/virt-handoff" import iptables - < /run/notes > /run/imported-notes || fail "the notes: exit $?"
grep -v '^;' /run/imported | sort > /run/a
grep -v '^;' /run/imported-notes | sort > /run/b
diff /run/a /run/b || fail "notes and iptables-save give different forwards"

iptables -P FORWARD ACCEPT
iptables -F && iptables -t nat -F
echo 0 > $flag
conntrack -F 2> /dev/null
none_work
before
# as a person would cut it: a block for each file
awk -v vms="$vms/" '/^; \/etc\/virt-handoff\/vms\// { file = vms substr($2, length("/etc/virt-handoff/vms/") + 1) }
	file { print > file }' /run/imported
for vm in train01 games; do [ -s $vms/$vm.ini ] || fail "nothing is for $vm: $(cat /run/imported)"; chmod 600 $vms/$vm.ini; done
start train01
start games $games $mac
connections
stop train01
stop games $games
none_work
after
