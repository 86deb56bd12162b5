# SPDX-License-Identifier: GPL-2.0-or-later
# first-user.sh - from a host with libvirt only: install, check, new, start, status, shutdown, and a purge that leaves nothing
#
# The VM is there, with a card in its XML, as the user has made it; the rest is typed: six commands.
boot_acpi /var/lib/libvirt/images/train01.img
vm -y -d /var/lib/libvirt/images/train01.img -s /tmp/train01.serial train01 $card1.0 $card1.1
before
everything > /tmp/everything
daemon=$(libvirtd_pid) told=$(reloads) typed=0

# user STATUS COMMAND... - what a person types; STATUS is a pattern
user()
{
	local want=$1 status=0
	shift
	typed=$((typed + 1))
	note "$*"
	"$@" > /tmp/typed 2>&1 || status=$?
	cat /tmp/typed
	# shellcheck disable=SC2254 # a pattern is wanted
	case $status in
	$want) ;;
	*) fail "$*: status $status: $(grep . /tmp/typed | tail -n 1)" ;;
	esac
}
showed() { grep -qF -- "$1" /tmp/typed || fail "$2 does not say '$1'"; }

user 0 apt-get install -q -y $package
[ "$(libvirtd_pid)" = "$daemon" ] || fail "libvirtd was restarted"
[ $(($(reloads) - told)) = 1 ] || fail "libvirtd was reloaded $(($(reloads) - told)) times"

# 3: it works, but look at this; the lab has things to look at
user '[03]' virt-handoff check
user '[03]' virt-handoff new train01
[ -s $vms/train01.ini ] || fail "virt-handoff new wrote no $vms/train01.ini"
user 0 virsh start train01
taken $card1
at_home $card2
user '[03]' virt-handoff status
showed train01 "virt-handoff status"
showed ${card1#0000:}.0 "virt-handoff status"
until_true 120 eval 'grep -q "!" /tmp/train01.serial' || fail "the VM does not come up"
user 0 virsh shutdown train01
until_true 120 is_domstate train01 'shut off' || fail "the VM is $(domstate train01)"
until_true 60 eval '! ls $state/ledger/* > /dev/null 2>&1' || fail "there is still a ledger"
at_home $card1
[ $typed -le 6 ] || fail "$typed commands"

apt-get purge -q -y virt-handoff || fail "apt-get purge: status $?"
left_nothing
[ "$(libvirtd_pid)" = "$daemon" ] || fail "libvirtd was restarted"
# libvirt goes on without the suite
start train01
taken $card1
destroy train01
at_home $card1
after
