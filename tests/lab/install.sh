# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh - put the suite on the emulated host, as `make install` and the README say; the archive is standard input
#
# Runs in the lab, behind lib.sh. Ends when libvirtd knows the hook: a VM whose INI file is broken is refused.
set -euo pipefail

files_list > /root/files.before

# Folders that are there keep their owner and mode; /lib stays the link that it is.
tar -C / --no-overwrite-dir --keep-directory-symlink -xpf -
systemctl daemon-reload
libvirtd_does reload
nft list ruleset > /dev/null

cat > /tmp/probe.xml <<'XML'
<domain type='qemu'><name>lab-probe</name><memory unit='MiB'>16</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<devices><controller type='usb' model='none'/><memballoon model='none'/></devices></domain>
XML
install -m 0644 /dev/stdin /etc/virt-handoff/vms/lab-probe.ini <<< 'not an INI file'
deadline=$((SECONDS + 60))
while virsh create /tmp/probe.xml 2> /tmp/probe.err; do
	virsh destroy lab-probe
	[ $SECONDS -lt $deadline ] || { echo "FAIL: libvirtd starts a VM with a broken INI file: it does not run our hook"; exit 1; }
done
grep -q 'lab-probe.ini' /tmp/probe.err || { echo "FAIL: the refusal does not name the file:"; cat /tmp/probe.err; exit 1; }
rm -f /etc/virt-handoff/vms/lab-probe.ini /tmp/probe.xml /tmp/probe.err /var/log/libvirt/qemu/lab-probe.log
udevadm settle
host_state > /root/new
dmesg --clear
sync
