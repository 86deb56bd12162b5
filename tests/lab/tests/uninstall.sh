# SPDX-License-Identifier: GPL-2.0-or-later
# uninstall.sh - make uninstall leaves nothing, and libvirt goes on without the suite
# time: 20
vm -y one $card1.0 $card1.1
before

make -s -C /root/src uninstall PREFIX=/usr || fail "make uninstall"
systemctl daemon-reload
systemctl reload libvirtd
files_list > /tmp/files
diff /root/files.before /tmp/files > /tmp/files.diff || { cat /tmp/files.diff; fail "left or lost: $(grep '^[<>]' /tmp/files.diff | head -n 5 | tr '\n' ' ')"; }
start one
destroy one
at_home $card1
after
