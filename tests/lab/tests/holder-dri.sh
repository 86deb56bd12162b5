# SPDX-License-Identifier: GPL-2.0-or-later
# holder-dri.sh - a process with /dev/dri/cardN open: refused, with pid, command and unit
# time: 12
vm one $card1.0 $card1.1
ini one
hold /dev/dri/by-path/pci-$card1.0-card
before

refused one $card1.0 holder.service "pid $holder_pid" sleep
at_home $card1
systemctl is-active -q holder || fail "the holder was stopped"
after
