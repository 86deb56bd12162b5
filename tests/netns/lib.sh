# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - what every network test uses: a host, a client and guests in namespaces, and the hooks as libvirt runs them
#
# Real: the kernel's network stack and packet filter, iptables, nft, the hooks of this tree. Faked: QEMU (a guest is a
# namespace behind a veth pair in the bridge, and the hook for VMs is called as libvirt calls it). In tests/ libvirt's network
# driver, Docker and ufw are faked too, by the rules that they print (rules/, see captured.sh), and so is dnsmasq's lease file;
# in daemons/ they are real, and daemons.sh is what is used besides this file.
#
# A test runs in namespaces of its own for network, mounts and processes: nothing of it is seen outside, and every
# process it started ends with it.
set -u

# the programs of this tree: as built, or as installed
qemu_hook=${QEMU_HOOK:-$BUILD/hooks/qemu}
network_hook=${NETWORK_HOOK:-$BUILD/hooks/network}
watch=${WATCH:-$BUILD/helpers/watch}
peer=$BUILD/tests/netns/peer
state=/run/virt-handoff
vms=/etc/virt-handoff/vms
log=/run/log
# the same in every test: the client, the host, two guests
client=203.0.113.10 host=203.0.113.1 bridge=192.168.122.1 one=192.168.122.167 two=192.168.122.168
client6=2001:db8::10 host6=2001:db8::1 one6=fd00:22::167
uuid=2f82ee72-3ac5-4615-9c0b-327c12e8c83d

fail() { printf 'FAIL: %s\n' "$*"; report; exit 1; }
skip() { printf 'SKIP: %s\n' "$*"; exit 77; }

# What a person would look at first
report()
{
	[ -s $log ] && sed 's/^/log: /' $log | tail -n 20
	grep -s . $state/forwards/* | head -n 20
	nft -s list ruleset | grep -v '^$' | head -n 150
}

# until_true SECONDS COMMAND... - the only way to wait
until_true()
{
	end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt $end ] || return 1
		sleep 0.02
	done
}

in_ns() { ns=$1; shift; if [ "$ns" = host ]; then "$@"; else ip netns exec "$ns" "$@"; fi; }

# background COMMAND... - start something that prints "ready"
background()
{
	ready=$(mktemp /run/ready.XXXXXX)	# not in /tmp, which is the machine's own
	"$@" > "$ready" &
	until_true 60 grep -q ready "$ready" || fail "$* did not start"
}

# --- the host ----------------------------------------------------------------------------------------------------------

namespace()	# namespace NAME ADDRESS GATEWAY ADDRESS6 GATEWAY6
{
	ip netns add "$1"
	ip link add "v-$1" type veth peer name eth0 netns "$1"
	ip link set "v-$1" up
	in_ns "$1" sh -c "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad
		ip link set lo up; ip link set eth0 up; ip address add $2/24 dev eth0; ip address add $4/64 dev eth0 nodad
		ip route add default via $3; ip -6 route add default via $5"
}

# guest NAME MAC - a guest without an address, and not yet plugged in
guest()
{
	ip netns add "$1"
	ip link add "v-$1" type veth peer name eth0 address "$2" netns "$1"
	ip link set "v-$1" up
	in_ns "$1" sh -c "echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad; ip link set lo up; ip link set eth0 up"
}

# what libvirt's driver for QEMU does with a VM's interface
plug() { ip link set "v-$1" master virbr0 || fail "there is no bridge for $1"; }

# what a test may write to is a copy that only the test sees
hide()
{
	mount -t tmpfs tmpfs /run
	mkdir -p /run/dev
	# no test may write to the real /dev/log
	for f in null zero random urandom; do touch /run/dev/$f; mount --bind /dev/$f /run/dev/$f; done
	ln -s /proc/self/fd /run/dev/fd
	mount --rbind /run/dev /dev
	# folders that this machine does not have are made in a copy of their parent
	overlay /etc && overlay /var/lib
	mkdir -p /etc/libvirt/qemu/networks /var/lib/libvirt/dnsmasq /run/libvirt/network
}

overlay()
{
	mkdir -p "/run/overlay$1/upper" "/run/overlay$1/work"
	mount -t overlay overlay -o "lowerdir=$1,upperdir=/run/overlay$1/upper,workdir=/run/overlay$1/work" "$1"
}

# the host with its log and the network in front of it
network_up()
{
	mkdir -p /run/netns $vms
	background "$peer" log /dev/log $log
	echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
	ip link set lo up
	namespace client $client $host $client6 $host6
	ip address add $host/24 dev v-client
	ip address add 203.0.113.2/24 dev v-client
	ip address add $host6/64 dev v-client nodad
	echo 1 > /proc/sys/net/ipv4/ip_forward
	echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
	bridge_netfilter 0
}

# libvirt's bridge, where libvirt is not
bridge_up()
{
	ip link add virbr0 type bridge
	ip link set virbr0 up
	ip address add $bridge/24 dev virbr0
	ip address add fd00:22::1/64 dev virbr0 nodad
}

host_up()
{
	hide
	network_up
	bridge_up
	namespace one $one $bridge $one6 fd00:22::1
	namespace two $two $bridge fd00:22::168 fd00:22::1
	plug one
	plug two
}

# whether bridged packets pass iptables: Docker switches it on
bridge_netfilter()
{
	for f in iptables ip6tables; do
		[ ! -e /proc/sys/net/bridge/bridge-nf-call-$f ] || echo "$1" > /proc/sys/net/bridge/bridge-nf-call-$f
	done
}

# rules NAME... - what others have loaded before us
rules()
{
	for r in "$@"; do
		case $r in
		libvirt9) iptables-restore -n < "$RULES/libvirt9.iptables" && ip6tables-restore -n < "$RULES/libvirt9.ip6tables" ;;
		libvirt11) nft -f "$RULES/libvirt11.nft" ;;
		*) iptables-restore -n < "$RULES/$r.iptables" ;;
		esac || fail "rules $r"
	done
}

foreign()
{
	iptables-save | grep -v '^#' | sed 's/\[.*//'
	ip6tables-save | grep -v '^#' | sed 's/\[.*//'
	nft -s list ruleset 2> /dev/null
}

# before, after - the rules of others are byte for byte as they were, and nothing of ours is left
before() { foreign > /run/before; }
after()
{
	foreign > /run/after
	diff /run/before /run/after || fail "the rules of others are not as before"
	nft list table inet virt_handoff 2> /dev/null && fail "our table is left"
	[ -z "$(ls -A $state/forwards 2> /dev/null)" ] || fail "$(ls $state/forwards) is left"
	[ -z "$(ls -A $state/localnet 2> /dev/null)" ] || fail "$(ls $state/localnet) is left"
	[ ! -e $state/forwards.new ] || fail "$state/forwards.new is left: $(wc -c < $state/forwards.new) bytes"
	return 0
}

# --- a VM --------------------------------------------------------------------------------------------------------------

# ini NAME - its INI file, from standard input
ini() { cat > "$vms/$1.ini"; chmod 600 "$vms/$1.ini"; }

# xml NAME [UUID] [MAC] - the domain XML, as far as we look at it
xml()
{
	cat <<-XML
		<domain type='kvm' id='1'><name>$1</name><uuid>${2:-$uuid}</uuid><devices>
		<interface type='network'><mac address='${3:-52:54:00:00:00:01}'/>
		<source network='default' bridge='virbr0'/><model type='virtio'/></interface></devices></domain>
	XML
}

# hook NAME OPERATION SUB [UUID] [MAC]
hook() { xml "$1" "${4:-}" "${5:-}" | "$qemu_hook" "$1" "$2" "$3" -; }
network() { "$network_hook" default "$1" begin - < /dev/null; }
watch() { "$network_hook" - watch "$1" - < /dev/null; }

start()
{
	hook "$1" prepare begin "${2:-}" "${3:-}" || fail "prepare of $1"
	hook "$1" started begin "${2:-}" "${3:-}" || fail "started of $1"
}
stop()
{
	hook "$1" stopped end "${2:-}" || fail "stopped of $1"
	hook "$1" release end "${2:-}" || fail "release of $1"
}

# the log is written by another process
said() { until_true 30 grep -qF -- "$1" $log || fail "nobody said: $1"; }

# lease ADDRESS MAC... - dnsmasq's file, put in its place as libvirt's helper does it
lease()
{
	[ $# -eq 0 ] || cat > /var/lib/libvirt/dnsmasq/virbr0.status.new <<-JSON
		[ { "ip-address": "$1", "mac-address": "$2", "client-id": "01:$2", "expiry-time": $(($(date +%s) + 3600)) } ]
	JSON
	mv /var/lib/libvirt/dnsmasq/virbr0.status.new /var/lib/libvirt/dnsmasq/virbr0.status
}

# --- connections -------------------------------------------------------------------------------------------------------

serve() { background in_ns "$1" "$peer" serve "$2" "$3" "$4" "${5:-$1}"; }
ask() { ns=$1; shift; in_ns "$ns" "$peer" ask "$@"; }

# reach WANT FROM PROTO ADDRESS PORT - the answer is "NAME:PORT" of who answers; and where it came from is in $from
reach()
{
	want=$1
	shift
	answer=$(export PEER_WAIT_MS=10000; ask "$@") || fail "no answer: $*"
	[ "${answer% *}" = "$want" ] || fail "$* is answered by $answer, not $want"
	from=${answer#* }
}
no_reach() { ! answer=$(ask "$@") || fail "$* is answered by $answer"; }

guests_serve()
{
	serve one tcp $one 22
	serve one udp $one 53
	serve two tcp $two 22
	serve two udp $two 53
	serve one tcp $one6 22
	serve one udp $one6 53
}
