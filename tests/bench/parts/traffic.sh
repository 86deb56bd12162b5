# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# traffic.sh - connections per second and throughput, through hosts with and without forwards, in turn
#
# Eleven hosts stand side by side between one client and one guest, each a namespace with its rules, so that nothing has to be
# loaded between two measurements. Client, guest and what the hosts do for them run on one processor: what is
# compared is what a connection costs all of them together.
mount -t tmpfs tmpfs /run
mkdir /run/netns
first=50001 most=10000 last=60000
cpu() { taskset -c "$(($(nproc) - 1))" "$@"; }

# host NUMBER NAME - client 10.0.NUMBER.2, host 10.0.NUMBER.1 and 10.1.NUMBER.1, guest 10.1.NUMBER.2 behind its bridge
host() {
	ip netns add "$2"
	ip link add "c$1" netns client type veth peer name out netns "$2"
	ip link add "g$1" netns guest type veth peer name port netns "$2"
	ip netns exec "$2" sh -c "
		ip link add virbr0 type bridge
		ip link set port master virbr0
		for i in lo out port virbr0; do ip link set \$i up; done
		ip address add 10.0.$1.1/24 dev out
		ip address add 10.1.$1.1/24 dev virbr0
		echo 1 > /proc/sys/net/ipv4/ip_forward
		if [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables; fi
		# a connection that was reset is forgotten at once: the table of connections stays small
		echo 1 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close"
	end client "$1" 0 1
	end guest "$1" 1 0
}

# end NAMESPACE NUMBER OWN-NET OTHER-NET
end() {
	ip -n "$1" link set "${1:0:1}$2" up
	ip -n "$1" address add "10.$3.$2.2/24" dev "${1:0:1}$2"
	ip -n "$1" route add "10.$4.$2.0/24" via "10.$3.$2.1"
}

# load_rules NUMBER NAME
load_rules() {
	local n=${2#*-}
	[ "$2" = bare ] || sed "s/192\.168\.122\./10.1.$1./g" "$RULES/libvirt9.iptables" | iptables-restore -n
	case $2 in
	libvirt) iptables -I FORWARD -j ACCEPT ;;
	# as libvirt does for a network of mode route, beside its default network, which has conntrack switched on
	routed) iptables -R LIBVIRT_FWI 1 -d "10.1.$1.0/24" -o virbr0 -j ACCEPT ;;
	# the least that DNAT costs, whoever does it: one rule for all these ports
	nft-one)
		iptables -I FORWARD -j ACCEPT
		nft -f - <<-NFT
			table ip one { chain to_guest { type nat hook prerouting priority -110; tcp dport $first-$last dnat to 10.1.$1.2; }; }
		NFT
		;;
	iptables-one)
		iptables -t nat -I PREROUTING -p tcp --dport "$first:$last" -j DNAT --to-destination "10.1.$1.2"
		iptables -I FORWARD -o virbr0 -p tcp -d "10.1.$1.2" --dport "$first:$last" -j ACCEPT
		;;
	ours-*) "$bench/forwards" fill && "$bench/forwards" -g "10.1.$1.2" add "$n" ;;
	iptables-*) "$rivals/files.sh" restore add "$n" $first "10.1.$1.2" | iptables-restore -n ;;
	esac
}
export -f load_rules
export bench rivals first last

names=(bare libvirt routed nft-one iptables-one ours-10 ours-1000 ours-10000 iptables-10 iptables-1000 iptables-10000)
ip netns add client
ip netns add guest
ip -n guest link set lo up
for i in "${!names[@]}"; do
	host "$i" "${names[i]}"
	ip netns exec "${names[i]}" bash -ec "load_rules $i ${names[i]}"
done
cpu ip netns exec guest "$bench/load" serve $first $last > "$work/ready" &
until_true 30 grep -q ready "$work/ready"

# target NUMBER PORTS - the host by its address where it forwards, else the guest by its own
target() {
	case ${names[$1]} in
	bare | libvirt | routed) echo "10.1.$1.2 $first $((first + $2 - 1))" ;;
	*) echo "10.0.$1.1 $first $((first + $2 - 1))" ;;
	esac
}

# measure WHAT NUMBER AGAINST SLICE-MS PAIRS
measure() {
	local n=${names[$2]#*-}
	[ "$n" -gt 0 ] 2> /dev/null || n=$most
	# shellcheck disable=SC2046 # words
	cpu ip netns exec client "$bench/load" "$1" "$4" "$5" $(target "$2" "$n") $(target "$3" "$n")
}

ratio() { local low mid high; read -r _ _ low mid high _ <<< "${1:?what was measured has failed}"; printf '**%.3f** (%.3f to %.3f)' "$mid" "$low" "$high"; }

# against NUMBER OTHER WHAT UNIT SLICE-MS PAIRS - the ratio, where the other stands before it in the table
against() { if [ "$1" -gt "$2" ]; then ratio "$(measure "$3" "$1" "$2" "$5" "$6")"; else echo -; fi; }

# table WHAT UNIT SLICE-MS PAIRS
table() {
	local i bare
	head_row rules "$2" 'against no rules at all' "against libvirt's alone" 'against `routed`' 'against `nft-one`' n
	for ((i = 1; i < ${#names[@]}; i++)); do
		bare=$(measure "$1" "$i" 0 "$3" "$4")
		row "${names[i]}" "${bare%%.*}" "$(ratio "$bare")" "$(against "$i" 1 "$@")" "$(against "$i" 2 "$@")" \
			"$(against "$i" 3 "$@")" "$4"
	done
}

table connect 'connections/s' 100 40
table stream 'Mbit/s' 100 15
for i in "${!names[@]}"; do ip -n client link set "c$i" gso_max_segs 1; done
table stream 'Mbit/s, a packet at a time' 100 15
