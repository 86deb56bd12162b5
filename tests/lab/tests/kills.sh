# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kills.sh - hooks, boot helper, late, watch and command are killed at random moments: the way out puts all back (LAB_ROUNDS, LAB_SEED)
# time: 60
# devices: cards
# programs: faults-programs
kills=$(echo /root/src/build*/tests/faults/kills)
seed=${lab_seed:-1} n=${lab_rounds:-4}
# the long form looks first how long each event takes
measure=()
[ "$n" -lt 100 ] || measure=(--measure)

more_cards
virsh -q net-start default || fail "virsh net-start default"
boot_eject /var/lib/libvirt/images/plug.img
vm -p -d /var/lib/libvirt/images/plug.img plug
modprobe -a mtty mdpy mbochs nf_tables && modprobe -r mtty mdpy mbochs
before
start plug
$kills --kills "$n" --seed "$seed" "${measure[@]}" || fail "kills --kills $n --seed $seed"
destroy plug
after
