# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# change.sh - forwards come and go: ours against nft -f, iptables-restore and a loop of iptables calls
#
# The rules of libvirt are there, and one forward of another VM: nobody makes a table or chain while he is timed. All make
# the same forwards, ports 50001... of the host to the same ports of 192.168.122.2.
host_up
rules libvirt9
ours=$bench/forwards

"$ours" fill
nft list table inet virt_handoff | sed 's/table inet virt_handoff/table inet bench/' | nft -f -
nft -f - <<-NFT
	table inet bench_rules {
		chain dstnat { type nat hook prerouting priority -100; }
		chain forward { type filter hook forward priority 1; }
	}
NFT
nft list table inet bench_rules > "$work/empty"
{ echo 'delete table inet bench_rules'; cat "$work/empty"; } > "$work/rules-none"
iptables-save > "$work/saved"
for n in 1 10 100 1000 10000; do
	for form in elements restore rules; do
		for how in add remove; do
			"$rivals/files.sh" $form $how $n 50001 192.168.122.2 > "$work/$form-$how-$n"
		done
	done
done

nft=$(command -v nft) restore=$(command -v iptables-restore)

# commands RIVAL N - what is timed, and the fastest way to the state before it
commands() {
	case $1 in
	elements) add=("$nft" -f "$work/elements-add-$2") remove=("$nft" -f "$work/elements-remove-$2") ;;
	rules) add=("$nft" -f "$work/rules-add-$2") remove=("$nft" -f "$work/rules-none") ;;
	restore) add=("$restore" -n "$work/restore-add-$2") remove=("$restore" -n "$work/restore-remove-$2") ;;
	loop) add=("$rivals/loop.sh" add "$2" 50001 192.168.122.2) remove=("$rivals/loop.sh" remove "$2" 50001 192.168.122.2) ;;
	esac
	fill=("${add[@]}") empty=("${remove[@]}")
	[ "$1" != loop ] || fill=("$restore" -n "$work/restore-add-$2")
	case $1 in loop | restore) empty=("$restore" "$work/saved") ;; esac
}

# adding RIVAL N PAIRS, removing RIVAL N PAIRS - the rival is A, ours is B
adding() {
	commands "$1" "$2"
	"$bench/pairs" -n "$3" "${add[@]}" -- "${empty[@]}" -- "$ours" add "$2" -- "$ours" remove "$2"
}
removing() {
	commands "$1" "$2"
	"${fill[@]}" && "$ours" add "$2"
	"$bench/pairs" -n "$3" "${remove[@]}" -- "${fill[@]}" -- "$ours" remove "$2" -- "$ours" add "$2"
	"${empty[@]}" && "$ours" remove "$2"
}

# processes HOW - a table: who takes how long, and how many times ours that is
processes() {
	local n result elements rules restored loop
	head_row "$1" ours '`nft -f`, elements' '`nft -f`, rules' '`iptables-restore -n`' 'loop of `iptables`'
	for n in 1 10 100 1000 10000; do
		result=$("$1" elements $n 20)
		elements=$(compared "$result") rules=- restored=- loop=-
		[ "$1" = removing ] || rules=$(compared "$("$1" rules $n 20)")
		# one by one, 10,000 take minutes to go
		[ "$1$n" = removing10000 ] || restored=$(compared "$("$1" restore $n $((n > 100 ? 3 : 20)))")
		# a minute for 10,000, and many to remove them
		[ "$1$n" = removing10000 ] || loop=$(compared "$("$1" loop $n $((n > 100 ? 1 : n > 10 ? 3 : 10)))")
		row "$n" "$(ours "$result")" "$elements" "$rules" "$restored" "$loop"
	done
}

# inside_row N PRESENT PAIRS [RIVAL] - one process of ours, that adds and removes again and again
inside_row() {
	local how low mid high worst theirs least ratio most n
	local -a cells=()
	add=() remove=()
	[ $# -lt 4 ] || commands "$4" "$1"
	"$ours" -p "$2" -n "$3" inside "$1" -- "${add[@]}" -- "${remove[@]}" > "$work/inside"
	for how in add remove; do
		read -r low mid high worst theirs least ratio most n
		read -r low mid high worst theirs least ratio most <<< "$(digits "$low" "$mid" "$high" "$worst" "$theirs" "$least" "$ratio" "$most")"
		cells+=("$mid ms ($low to $high; $worst)")
		[ $# -lt 4 ] || cells+=("$theirs ms, **$ratio** ($least to $most)")
	done < "$work/inside"
	row "$1" "$2" "${cells[@]}" "$n"
}

head_row N 'already there' 'add, inside' 'remove, inside' n
nft delete table inet virt_handoff
for present in 0 1 1000 10000 50000; do
	[ $present = 0 ] || "$ours" -p $present fill
	inside_row 10 $present 200
done
nft delete table inet virt_handoff
"$ours" fill

head_row N 'already there' 'add, inside' '`nft -f`, elements' 'remove, inside' '`nft -f`, elements' n
for n in 1 10 100 1000 10000; do inside_row $n 1 20 elements; done

processes adding
processes removing
