# SPDX-License-Identifier: GPL-2.0-or-later
# unload-fails.sh - the last step fails, when both functions are on VFIO: refused, and everything is put back
# time: 12
vm one $card1.0 $card1.1
# The other card's sound is in use, so this module cannot leave.
ini one 'unload = snd_hda_intel' 'stop-units = lab-shared.service'
printf '[Service]\nExecStart=sleep infinity\n' > /etc/systemd/system/lab-shared.service
systemctl daemon-reload
systemctl start lab-shared
hold "/dev/snd/controlC$(basename $pci/$card2.1/sound/card* | tr -dc 0-9)"
before
since=$(stat -c %i $pci/$card1.0/driver)

refused one snd_hda_intel 'everything was put back'
said "driver $card1.1: snd_hda_intel -> vfio-pci"
said "driver $card1.0: vfio-pci"
[ "$since" != "$(stat -c %i $pci/$card1.0/driver)" ] || fail "the card was never taken: this test shows nothing"
at_home $card1
after
