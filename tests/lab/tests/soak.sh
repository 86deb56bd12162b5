# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# soak.sh - 16 VMs start and stop at random on 8 cards, several at once: no leak, no wrong owner (LAB_ROUNDS, LAB_SEED)
# time: 60
# devices: cards
# programs: faults-programs
soak=$(echo /root/src/build*/tests/faults/soak)
seed=${lab_seed:-26512}

more_cards
boot_acpi /var/lib/libvirt/images/soak.img
virsh -q net-start default || fail "virsh net-start default"
systemctl -q enable --now virt-handoff-watch.path || fail "virt-handoff-watch.path cannot be enabled"
# who uses what of the kernel's modules: nobody more afterwards
in_use() { awk '/^(vfio|bochs|snd|iommu)/ { print $1, $3 }' /proc/modules | sort; }
modprobe -a mtty mdpy nf_tables && modprobe -r mtty mdpy
before
in_use > /tmp/used

$soak --rounds "${lab_rounds:-6}" --seed "$seed" || fail "soak --rounds ${lab_rounds:-6} --seed $seed"
until_true 60 is_watch inactive || fail "the watch runs though nobody has forwards"
if [ "${lab_rounds:-6}" -ge 100 ]; then
	$soak --real --rounds 20 --seed "$seed" || fail "soak --real --rounds 20 --seed $seed"
	until_true 60 is_watch inactive || fail "the watch runs though nobody has forwards"
fi

in_use | cmp -s - /tmp/used || fail "modules are in use more than before: $(in_use | diff /tmp/used - | tr '\n' ' ')"
after
