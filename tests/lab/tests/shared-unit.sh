# SPDX-License-Identifier: GPL-2.0-or-later
# shared-unit.sh - stop-units that two VMs share: the last one to leave starts it again
# time: 35
printf '[Service]\nExecStart=sleep infinity\n' > /etc/systemd/system/lab-shared.service
systemctl daemon-reload
systemctl start lab-shared
vm one $card1.0 $card1.1
vm two $card2.0 $card2.1
ini one 'stop-units = lab-shared.service'
ini two 'stop-units = lab-shared.service'
before

is_unit() { [ "$(systemctl is-active lab-shared)" = "$1" ]; }
start one
is_unit inactive || fail "the unit was not stopped for the first VM"
start two
is_unit inactive || fail "the unit runs with two VMs"
destroy one
is_unit inactive || fail "the unit was started while the second VM needs it stopped"
destroy two
is_unit active || fail "the last VM has left and the unit does not run"
after
