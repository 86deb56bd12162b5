# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# planted.sh - no name of a VM leads to another file; what somebody else may have written is refused, by one sentence, and changes nothing
rules libvirt9
before
other=2f82ee72-3ac5-4615-9c0b-000000000001
wants() { printf '[network]\naddress = %s\n[forward ssh]\nlisten = 12223\nto = 22\nrequired = yes\n' $one; }
wants | ini train01
# what a name could lead to: above the folder, another VM's file, a UUID's, one that begins with a dot
wants > /etc/virt-handoff/evil.ini
wants > $vms/$other.ini
mkdir $vms/sub
wants > $vms/sub/evil.ini
chmod 600 /etc/virt-handoff/evil.ini $vms/$other.ini $vms/sub/evil.ini

x=$(printf '%0251d' 0)
nl='
'
# in an XML name a newline is kept only as a reference
escaped() { printf '%s' "$1" | sed ':a;N;$!ba;s/\n/\&#10;/g'; }
# nothing NAME - the hook comes and goes, and has made and touched nothing
nothing()
{
	ls -lR --time-style=full-iso /etc/virt-handoff > /run/etc.before
	for call in "$BUILD/hooks/gate prepare begin" "$qemu_hook prepare begin" "$qemu_hook started begin" "$qemu_hook release end"; do
		# program, operation, sub-operation
		# shellcheck disable=SC2086 # a list of words
		xml "$(escaped "$1")" | (set -- "$1" $call; timeout 60 "$2" "$1" "$3" "$4" -) > /run/out 2>&1
		status=$?
		{ [ $status -le 1 ] && [ "$(wc -l < /run/out)" -le 1 ]; } || fail "'$1' $call: status $status, $(cat /run/out)"
	done
	nft list table inet virt_handoff > /dev/null 2>&1 && fail "'$1' has got forwards"
	[ -z "$(ls -A $state/forwards $state/ledger $state/names 2> /dev/null)" ] || fail "'$1' has left something: $(ls -AR $state)"
	ls -lR --time-style=full-iso /etc/virt-handoff > /run/etc.after
	diff /run/etc.before /run/etc.after || fail "'$1' has changed /etc/virt-handoff"
	[ -z "$(find /run /etc /var/lib -name '*evil*' ! -path "/run/overlay/*" -newer /run/etc.before)" ] || fail "'$1' has made a file"
}
touch /run/etc.before
# shellcheck disable=SC2016 # nobody shall expand them
for name in '../evil' '/etc/virt-handoff/evil' 'sub/evil' '.' '..' '' "$other" "${x}${x}" "a${nl}b" "train01${nl}" 'train01.ini' '..%2fevil' \
	"$(printf 'a\tb')" "$(printf '\033[2J')" '-rf' '--root=/run' '*' '$(touch /run/evil)' '`touch /run/evil`' 'train01;touch /run/evil'; do
	nothing "$name"
done
# libvirt takes "." and ".." as names, too: the file of such a VM is that of its UUID, and the gate knows no other VM either
mkdir -p /etc/libvirt/hooks/virt-handoff
cp "$qemu_hook" /etc/libvirt/hooks/virt-handoff/qemu
for name in . ..; do
	xml $name $other | "$BUILD/hooks/gate" $name prepare begin - > /run/out 2>&1 && fail "'$name' starts as if it had no file"
	grep -q 'cannot be the name of a file; rename the domain' /run/out || fail "virsh is told: $(cat /run/out)"
done
# nor does it let a VM pass when it cannot look for files: it has no descriptor left
xml train02 $other > /run/xml
prlimit --nofile=3 -- "$BUILD/hooks/gate" train02 prepare begin - < /run/xml 3>&- 4>&- > /run/out 2>&1 && fail "without descriptors a VM starts as if it had no file"
# the name that libvirt says and that of the XML differ: somebody else's XML
xml train01 | "$qemu_hook" train02 prepare begin - 2> /run/out && fail "the XML of another VM is taken"
grep -q "its XML says train01" /run/out || fail "virsh is told: $(cat /run/out)"
# a name of 251 bytes is one, of which .ini makes 255; and it is no other's
wants | ini "$x"
start "$x"
[ -e "$state/forwards/$x" ] || fail "a name of 251 bytes has no forwards"
nft list table inet virt_handoff > /dev/null || fail "a name of 251 bytes has no forwards"
stop "$x"

rm $vms/$other.ini
# a network or bridge of the XML is no path either: what stands at its end would give an address
echo "<network><ip><dhcp><host mac='52:54:00:00:00:01' ip='$one'/></dhcp></ip></network>" | tee /etc/libvirt/qemu/evil.xml > /etc/libvirt/qemu/networks/good.xml
lease $one 52:54:00:00:00:01
mv /var/lib/libvirt/dnsmasq/virbr0.status /var/lib/libvirt/evil.status
printf '[forward ssh]\nlisten = 12223\nto = 22\n' | ini train02
named() { xml train02 $other | sed "s|network='default' bridge='virbr0'|network='$1' bridge='$2'|" > /run/xml; }
in_network()
{
	named "$1" "$2"
	for event in 'prepare begin' 'started begin'; do
		# shellcheck disable=SC2086 # a list of words
		"$qemu_hook" train02 $event - < /run/xml || fail "$event of a VM in network '$1'"
	done
}
for odd in '../evil' '/etc/libvirt/qemu/evil' '..'; do
	in_network "$odd" "../evil"
	nft list table inet virt_handoff > /dev/null 2>&1 && fail "network '$odd' has led to an address"
	grep -q "^nic	network	52:54:00:00:00:01		\$" $state/forwards/train02 || fail "network '$odd' is written down: $(grep nic $state/forwards/train02)"
	stop train02 $other
done
named 'a\&#9;b' default
"$qemu_hook" train02 prepare begin - < /run/xml 2> /run/stderr && fail "a network with a tab in its name is taken"
grep -q 'control character' /run/stderr || fail "virsh is told: $(cat /run/stderr)"
stop train02 $other
in_network good ''
nft list table inet virt_handoff > /dev/null || fail "the test is worth nothing: a good network has no address either"
stop train02 $other

# refused WORD... - a start of train01 is refused by one sentence that has every word, and nothing is changed
refused()
{
	if hook train01 prepare begin > /run/out 2> /run/stderr; then fail "started: $*"; fi
	{ [ "$(wc -l < /run/stderr)" = 1 ] && [ ! -s /run/out ]; } || fail "virsh is told: $(cat /run/stderr)"
	for word in "$@"; do grep -qF -- "$word" /run/stderr || fail "virsh is not told '$word': $(cat /run/stderr)"; done
	nft list table inet virt_handoff > /dev/null 2>&1 && fail "train01 has got forwards"
	return 0
}
# planted WORD FILE... - each way in which a file may be somebody else's; FILE is good otherwise
planted()
{
	what=$1 file=$2
	cp -p "$file" /run/good
	chmod 0620 "$file"; refused "$what"
	chmod 0602 "$file"; refused "$what"
	chmod 0600 "$file"; chown 65534 "$file"; refused "$what"
	rm "$file"; ln -s /run/good "$file"; refused "$what"
	ln -sf /nowhere "$file"; [ "${3:-}" ] || refused "$what"
	rm "$file"; mkfifo "$file"; refused "$what"
	rm "$file"; mknod "$file" c 1 5; refused "$what"
	rm "$file"; mkdir "$file"; refused "$what"
	rmdir "$file"; cp -p /run/good "$file"
}
planted vms/train01.ini $vms/train01.ini
echo '[firewall]' > /etc/virt-handoff/host.ini
planted host.ini /etc/virt-handoff/host.ini
chmod 0777 $vms; refused vms/train01.ini chmod; chmod 0755 $vms
chown 65534 $vms; refused vms/train01.ini chown; chown 0 $vms

# what is written down of what VMs have: /run/virt-handoff itself, a ledger, the forwards of another VM
rm -rf $state
hook train01 prepare begin || fail "prepare of train01"
hook train01 release end
chmod 0777 $state; refused $state 'belong to root'; chmod 0700 $state
chown 65534 $state; refused $state 'belong to root'; chown 0 $state
mv $state /run/elsewhere
ln -s /run/elsewhere $state; refused $state
rm $state; mv /run/elsewhere $state
printf 'virt-handoff-ledger 1\nuuid\t%s\nname\tsomebody\ndeadline\t30000\nclaim\t0000:01:00.0\n' $other > $state/ledger/$other
chmod 600 $state/ledger/$other
planted $state/ledger/$other $state/ledger/$other
rm $state/ledger/$other
# what is written down for another VM is not done, and nobody is kept from his own; when the file is good again, it is
wants | sed s/12223/12224/ | ini train02
start train02 $other
has() { nft list table inet virt_handoff 2> /dev/null | grep -q "$1 comment"; }
book=$state/forwards/train02
cp -p $book /run/good
for way in "chmod 0602 $book" "chown 65534 $book" "ln -sf /run/good $book"; do
	$way
	: > $log
	start train01
	said "$book: it must belong to root"
	has 12223 || fail "$way: train01 does not get its own"
	stop train01
	network started
	! has 12224 || fail "$way: train02 keeps its forwards"
	rm $book
	cp -p /run/good $book
	network started
	has 12224 || fail "train02 does not get its forwards back"
done
stop train02 $other
# for the VM itself: it is written anew
sed "s/train02/train01/; s/$other/$uuid/; s/12224/12225/g" /run/good > $state/forwards/train01
chmod 602 $state/forwards/train01
: > $log
start train01
said "$state/forwards/train01: it must belong to root"
{ has 12223 && ! has 12225; } || fail "a file of others is taken over: $(nft list table inet virt_handoff)"
stop train01
# functions that wait for VFIO: of a list of others nothing is loaded or bound, and the VM starts without
xml train01 | sed "s|</devices>|<hostdev mode='subsystem' type='pci'><source><address domain='0xffff' bus='0xff' slot='0x1f' function='7'/></source></hostdev>&|" > /run/xml
echo 'ffff:ff:1f.7 1234:5678 vfio-pci vfio_pci' > $state/pinned
chmod 600 $state/pinned
cp -p $state/pinned /run/good
for way in true "chmod 0602 $state/pinned" "chown 65534 $state/pinned" "ln -sf /run/good $state/pinned"; do
	$way
	: > $log
	"$qemu_hook" train01 prepare begin - < /run/xml || fail "$way: train01 does not start"
	[ "$way" = true ] || said "$state/pinned cannot be read: it must belong to root"
	[ "$way" != true ] || ! grep pinned $log || fail "a good list is refused"
	stop train01
	rm $state/pinned
	cp -p /run/good $state/pinned
done
rm $state/pinned
# what libvirt does after a prepare that failed
stop train01
after
