# SPDX-License-Identifier: GPL-2.0-or-later
# holder-snd.sh - a process with /dev/snd/controlCN open: refused, with pid, command and unit
# time: 12
vm one $card1.0 $card1.1
ini one
hold "/dev/snd/controlC$(basename $pci/$card1.1/sound/card* | tr -dc 0-9)"
before

refused one $card1.1 holder.service "pid $holder_pid" sleep
at_home $card1
after
