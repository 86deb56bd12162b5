# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# packages.sh - what the tests of packages.d/ share: everything that a package could leave on a host, and what libvirtd was told
#
# Runs in the lab, behind lib.sh.

# shellcheck disable=SC2034 # for the tests
package=/root/virt-handoff.deb
export DEBIAN_FRONTEND=noninteractive

# everything - what lib.sh compares, every file, packages, units, and what files_list leaves out because the system writes there.
# apt makes files of its own when it runs for the first time; that nothing of ours is in them is looked for below.
everything()
{
	host_state
	echo "== files"
	files_list | grep -vE '^/var/lib/(dpkg/(status-old|available-old|lock.*)|apt/(extended_states|lists/auxfiles)) '
	echo "== state"
	find /run /var/lib/systemd /var/lib/libvirt /var/log /var/cache /tmp /var/tmp -path '*virt-handoff*' -printf '%p\n' | sort
	grep -rl --exclude=status-old virt-handoff /etc /var/lib/apt /var/lib/dpkg /var/lib/systemd | sort
	echo "== packages"
	dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n'
	echo "== units"
	systemctl list-unit-files --no-legend | sort
	systemctl list-units --all --no-legend --plain 'virt-handoff*' | sort
	systemctl show -P NeedDaemonReload "$qemud"
}

# left_nothing - the host is as everything() has said into /tmp/everything
left_nothing()
{
	udevadm settle
	# udev may still be loading a card's driver back
	until_true 20 eval 'everything > /tmp/everything.now; cmp -s /tmp/everything /tmp/everything.now' && return
	diff /tmp/everything /tmp/everything.now > /tmp/diff
	cat /tmp/diff
	fail "left or lost: $(grep '^[<>]' /tmp/diff | head -n 5 | tr '\n' ';')"
}

# How often libvirtd was reloaded; systemd says so when it is done
reloads() { journalctl -q --no-pager -o cat -u "$qemud" | grep -c "^Reloaded $qemud.service"; }
libvirtd_pid() { systemctl show -P MainPID "$qemud"; }
