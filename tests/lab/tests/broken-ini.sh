# SPDX-License-Identifier: GPL-2.0-or-later
# broken-ini.sh - a broken INI file, or one that others may change: refused with file, line and remedy, nothing is changed
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
chown root $vms/one.ini
chmod 0777 $vms
refused one one.ini others chmod
chmod 0755 $vms
mv $vms/one.ini /root/real.ini
ln -s /root/real.ini $vms/one.ini
refused one one.ini 'symbolic link'
ln -sf /nowhere $vms/one.ini
refused one one.ini 'symbolic link'
rm $vms/one.ini
mkfifo $vms/one.ini
refused one one.ini 'not a regular file'
rm $vms/one.ini
mkdir $vms/one.ini
refused one one.ini 'not a regular file'
rmdir $vms/one.ini
at_home $card1
[ -z "$(journal | grep ' -> ')" ] || fail "a step was made: $(journal | grep -m 1 ' -> ')"
after
