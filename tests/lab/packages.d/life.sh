# SPDX-License-Identifier: GPL-2.0-or-later
# life.sh - an upgrade with a running VM changes nothing; no removal while a VM has a card; removed, installed again, purged
#
# update-initramfs is a stub that writes down how it was called: images are made in early.
vm -y train01 $card1.0 $card1.1
before
everything > /tmp/everything
daemon=$(libvirtd_pid) told=$(reloads)
told() { [ $(($(reloads) - told)) = "$1" ] || fail "$2: libvirtd was reloaded $(($(reloads) - told)) times, expected $1"; }
hooks() { find /etc/libvirt/hooks -type f; }
printf '#!/bin/sh\necho "$*" >> /tmp/images\n' > /usr/local/sbin/update-initramfs
chmod 755 /usr/local/sbin/update-initramfs
: > /tmp/images
rebuilt() { [ "$(cat /tmp/images)" = "$1" ] || fail "$2: update-initramfs was called with '$(cat /tmp/images)'"; : > /tmp/images; }

note "install, and a hook of the user's, which sees that hooks are confined"
dpkg -i $package || fail "dpkg -i"
told 1 "install"
rebuilt '' "install"
[ "$(systemctl is-enabled virt-handoff-boot virt-handoff-early virt-handoff-watch.path virt-handoff-metrics.timer | tr '\n' ' ')" = \
	'enabled enabled enabled disabled ' ] || fail "units are enabled otherwise than the preset says"
systemctl -q is-active virt-handoff-watch.path || fail "the watch does not wait for forwards"
printf '#!/bin/sh\n%s\n%s\n' 'read -r profile < /proc/self/attr/current' 'echo "$profile" >> /run/profiles' > \
	/etc/libvirt/hooks/qemu.d/00-user
chmod 755 /etc/libvirt/hooks/qemu.d/00-user
printf '[devices]\n[forward ssh]\nlisten = 12223\nto = 22\n[network]\naddress = 192.168.122.5\n' > $vms/train01.ini
start train01
[ "$(sort -u /run/profiles)" = "$qemud (enforce)" ] || fail "hooks run under: $(sort -u /run/profiles)"
taken $card1

note "metrics, from within the unit"
folder=/var/lib/prometheus/node-exporter
systemctl start virt-handoff-metrics.service || fail "virt-handoff-metrics.service does not wait for a folder"
[ ! -e $folder ] || fail "the unit has made $folder"
mkdir -p $folder
systemctl start virt-handoff-metrics.service || fail "virt-handoff-metrics.service: $(journalctl -q -o cat -u virt-handoff-metrics | tail -n 3 | tr '\n' ' ')"
virt-handoff status --prometheus | diff - $folder/virt-handoff.prom || fail "in its unit the command sees less"
grep -q train01 $folder/virt-handoff.prom || fail "no train01 in $(cat $folder/virt-handoff.prom)"
[ "$(stat -c %a $folder/virt-handoff.prom)" = 644 ] || fail "node_exporter may not read the metrics"
rm -r /var/lib/prometheus

note "upgrade while it runs"
mkdir -p /var/lib/virt-handoff
echo "0000:07:00.0 1234:1111 vfio-pci vfio_pci" > /var/lib/virt-handoff/early.list
cp $state/ledger/* /tmp/ledger
dpkg-deb -R $package /tmp/next
sed -i 's/^Version: .*/&+next/' /tmp/next/DEBIAN/control
dpkg-deb --root-owner-group -Znone -b /tmp/next /root/next.deb > /dev/null
dpkg -i /root/next.deb || fail "upgrade"
is_domstate train01 running || fail "the VM is $(domstate train01)"
taken $card1
cmp $state/ledger/* /tmp/ledger || fail "the upgrade has touched the ledger"
told 1 "upgrade"
rebuilt '-u -k all' "upgrade with early.list"
[ "$(libvirtd_pid)" = "$daemon" ] || fail "libvirtd was restarted"

note "what package managers leave beside a hook while they replace it does nothing"
cp -p /etc/libvirt/hooks/qemu.d/50-virt-handoff /etc/libvirt/hooks/qemu.d/50-virt-handoff.dpkg-new
virsh -q dumpxml train01 | /etc/libvirt/hooks/qemu.d/50-virt-handoff.dpkg-new train01 release end - || fail "a copy of the gate fails"
cmp $state/ledger/* /tmp/ledger || fail "a copy of the gate has given the card back"
rm /etc/libvirt/hooks/qemu.d/50-virt-handoff.dpkg-new

note "no removal now"
hooks > /tmp/hooks
if dpkg -r virt-handoff > /tmp/removal 2>&1; then fail "the package was removed while a VM has a card"; fi
cat /tmp/removal
grep -qF "train01: $card1.0 $card1.1 port forwards" /tmp/removal || fail "the refusal does not say which VM has what"
dpkg-query -W -f '${Status}' virt-handoff | grep -q ' ok installed$' || fail "after the refusal: $(dpkg -s virt-handoff | sed -n 2p)"
hooks | cmp - /tmp/hooks || fail "hooks are gone after a refused removal"
systemctl -q is-active virt-handoff-watch.path || fail "the watch is gone after a refused removal"
destroy train01
at_home $card1

note "removed: INI files and the user's hook stay"
dpkg -r virt-handoff || fail "dpkg -r"
rebuilt '-u -k all' "removal with early.list"
[ "$(hooks)" = /etc/libvirt/hooks/qemu.d/00-user ] || fail "hooks after the removal: $(hooks | tr '\n' ' ')"
[ -s $vms/train01.ini ] || fail "the INI file is gone"
systemctl list-units --no-legend --plain 'virt-handoff*' > /tmp/units
[ ! -s /tmp/units ] || fail "units are left: $(cat /tmp/units)"
start train01
taken $card1
destroy train01
at_home $card1

note "installed again: the network hook is a new kind, and the VM gets its card by our hook"
dpkg -i $package || fail "dpkg -i"
told 2 "second install"
rebuilt '-u -k all' "second install with early.list"
start train01
[ -L $state/names/train01 ] || fail "our hook did not run"

note "left as it is, because the user says so; purged"
rm /etc/libvirt/hooks/qemu.d/00-user
VIRT_HANDOFF_LEAVE=yes dpkg -P virt-handoff || fail "VIRT_HANDOFF_LEAVE=yes does not let the package go"
destroy train01
taken $card1
# nobody gives back now what was left: by hand, as the README says
for function in $card1.0 $card1.1; do
	echo > "$pci/$function/driver_override"
	echo $function > "$pci/$function/driver/unbind"
	echo $function > /sys/bus/pci/drivers_probe
done
nft delete table inet virt_handoff
rm -r /usr/local/sbin/update-initramfs /run/profiles /tmp/next
left_nothing
[ "$(libvirtd_pid)" = "$daemon" ] || fail "libvirtd was restarted"
told 2 "purge"
after
