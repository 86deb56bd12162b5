# SPDX-License-Identifier: GPL-2.0-or-later
# shared-unit.sh - stop-units that two VMs share: the last one to leave starts it again
# time: 60
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

# A unit that waits in systemd for another one to stop first runs as long as that takes: it is given back all the same. Its stop is
# given up at the deadline, and would come to pass when nobody thinks of it any more
printf '[Unit]\nRequires=lab-shared.service\nAfter=lab-shared.service\n[Service]\nExecStart=sleep infinity\nExecStop=sh -c "until [ -e /run/lab-go ]; do sleep 1; done"\n' \
	> /etc/systemd/system/lab-behind.service
systemctl daemon-reload
systemctl start lab-behind
ini one 'stop-units = lab-shared.service' 'deadline = 5s'
refused one 'unit lab-shared.service' 'everything was put back'
[ "$(systemctl is-active lab-behind)" = deactivating ] || fail "the unit behind it has stopped already: this test shows nothing"
touch /run/lab-go
is_done() { [ "$(systemctl is-active lab-behind)" != deactivating ] && [ -z "$(systemctl list-jobs --no-legend 'lab-*')" ]; }
until_true 120 is_done || fail "the unit behind it does not stop"
is_unit active || fail "the unit was stopped behind our back"
after
