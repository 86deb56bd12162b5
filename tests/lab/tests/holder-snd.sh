# SPDX-License-Identifier: GPL-2.0-or-later
# holder-snd.sh - a process with /dev/snd/controlCN open: refused, with pid, command and unit
# time: 12
vm one $card1.0 $card1.1
ini one
control=/dev/snd/controlC$(basename $pci/$card1.1/sound/card* | tr -dc 0-9)
systemd-run -q --unit=holder bash -c "exec 3< $control; exec sleep 1000"
until_true 20 eval 'pid=$(systemctl show -P MainPID holder); ls -l /proc/$pid/fd 2> /dev/null | grep -q snd/control' || fail "the holder does not hold"
before

refused one $card1.1 holder.service "pid $pid" sleep
at_home $card1
after
