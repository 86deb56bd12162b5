# SPDX-License-Identifier: GPL-2.0-or-later
# holder-dri.sh - a process with /dev/dri/cardN open: refused, with pid, command and unit
# time: 12
vm one $card1.0 $card1.1
ini one
systemd-run -q --unit=holder bash -c "exec 3< /dev/dri/by-path/pci-$card1.0-card; exec sleep 1000"
until_true 20 eval 'pid=$(systemctl show -P MainPID holder); ls -l /proc/$pid/fd 2> /dev/null | grep -q dri/card' || fail "the holder does not hold"
before

refused one $card1.0 holder.service "pid $pid" sleep
at_home $card1
systemctl is-active -q holder || fail "the holder was stopped"
after
