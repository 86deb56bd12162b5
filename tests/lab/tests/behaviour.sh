# SPDX-License-Identifier: GPL-2.0-or-later
# behaviour.sh - this kernel answers as the fake one of tests/fake was made to answer
# time: 20
# plug: nvme
nvme=0000:07:00.0
gcc -std=gnu11 -D_GNU_SOURCE -O1 -o /tmp/behaviour /root/src/tests/fake/behaviour.c /root/src/tests/fake/ask*.c || fail "behaviour.c does not compile"
before
/tmp/behaviour $card1.0 > /tmp/behaviour.out || fail "$(grep -m 1 '^not ok' /tmp/behaviour.out)"
cat /tmp/behaviour.out
modprobe mtty
/tmp/behaviour mdev mtty mtty-1 > /tmp/behaviour.out || fail "$(grep -m 1 '^not ok' /tmp/behaviour.out)"
cat /tmp/behaviour.out
modprobe -r mtty
until_true 60 on_driver $nvme nvme || fail "the plugged NVMe controller is on $(driver $nvme)"
/tmp/behaviour sriov $nvme > /tmp/behaviour.out || fail "$(grep -m 1 '^not ok' /tmp/behaviour.out)"
cat /tmp/behaviour.out
at_home $card1
after
