# SPDX-License-Identifier: GPL-2.0-or-later
# broken-ini.sh - a broken INI file: refused with file, line and remedy, and nothing is changed
# time: 20
vm one $card1.0 $card1.1
ini one
before

printf '[devices]\n# a comment\nexpct = 1234:1111\n' > $vms/one.ini
refused one one.ini:3 expct expect
printf '[devices]\nsiblings = perhaps\n' > $vms/one.ini
refused one one.ini:2 perhaps
printf '[devices]\ntake = gpus\ntake = all\n' > $vms/one.ini
refused one one.ini:3 take
ini one
chmod 0666 $vms/one.ini
refused one one.ini
chmod 0644 $vms/one.ini
chown nobody $vms/one.ini
refused one one.ini
at_home $card1
chown root $vms/one.ini
after
