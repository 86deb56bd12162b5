# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stop-anyhow.sh - a VM that stops loses its forwards without XML, without INI file, without room in /run
rules libvirt9
before
guests_serve
conf() { printf '[network]\naddress = %s\n[forward ssh]\nlisten = 12223\nto = 22\n' $one | ini train01; }
for operation in stopped release; do
	conf
	start train01
	reach one:22 client tcp $host 12223
	rm $vms/train01.ini
	"$BUILD/hooks/qemu" train01 $operation end - < /dev/null || fail "$operation fails without XML"
	no_reach client tcp $host 12223
	[ ! -e $state/forwards/train01 ] || fail "$operation leaves the file"
done
after
mount -t tmpfs -o size=64k,mode=755 tmpfs $state
conf
start train01
dd if=/dev/zero of=$state/fill bs=4k 2> /dev/null
if echo x > $state/more; then fail "there is room"; fi
sed -i 's/12223/12300/' $vms/train01.ini
watch files
reach one:22 client tcp $host 12223
hook train01 stopped end
no_reach client tcp $host 12223
said "make room in /run"
after
