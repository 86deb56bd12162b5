# SPDX-License-Identifier: GPL-2.0-or-later
# vgpu-boot.sh - the boot unit makes the mediated devices of three VMs and an adapter's virtual functions, and again, and says what fails
# time: 60
# plug: nvme
nvme=0000:07:00.0
unit=virt-handoff-boot.service
id() { echo "11111111-2222-3333-4444-5555555555$1"; }
type_of() { basename "$(readlink "/sys/bus/mdev/devices/$1/mdev_type")"; }
is_made() { [ "$(type_of "$(id "$1")")" = "$2" ] || fail "$(id "$1") is $(type_of "$(id "$1")"), expected $2"; }
said() { journalctl -q -o cat --no-pager -u $unit --since "@$since" | grep -F -- "$*" || fail "the unit does not say '$*': $(journalctl -q -o cat -u $unit --since "@$since" | tail -n 5)"; }
# run_unit - start the unit anew; what it says is looked up from here
run_unit() { since=$(date +%s.%N); systemctl restart $unit; }

modprobe -a mtty mdpy mbochs || fail "modprobe"
until_true 60 on_driver $nvme nvme || fail "the plugged NVMe controller is on $(driver $nvme)"
for i in 1 2 3; do mdev_vm vm$i "$(id 0$i)"; done
printf '%s\n' '[vgpu a]' 'type = Dual port serial' > $vms/vm1.ini
printf '%s\n' '[vgpu a]' "uuid = $(id 02)" 'type = mdpy-vga' 'gpu = mdpy' > $vms/vm2.ini
printf '%s\n' '[vgpu a]' 'type = mbochs-medium' 'gpu = any' > $vms/vm3.ini
printf '%s\n' '[gpu disk]' "address = $nvme" 'vfs = 3' 'probe-vfs = no' > /etc/virt-handoff/host.ini

run_unit || fail "the unit failed: $(journalctl -q -o cat -u $unit --since "@$since")"
is_made 01 mtty-2
is_made 02 mdpy-vga
is_made 03 mbochs-medium
[ "$(vfs_of $nvme | wc -w)" = 3 ] || fail "virtual functions: $(vfs_of $nvme)"
for vf in $(vfs_of $nvme); do on "$vf" -; done

# nothing to do, nothing changed
made=$(ls -li /sys/bus/mdev/devices)
run_unit || fail "the second run failed"
[ "$made" = "$(ls -li /sys/bus/mdev/devices)" ] || fail "the second run made other devices"
[ "$(journalctl -q -o cat -u $unit --since "@$since" | grep -c -- '->')" = 0 ] || fail "the second run did something"

# one is lost, one wish is wrong, one file is broken: the rest is made, and each failure is a line
echo 1 > "/sys/bus/mdev/devices/$(id 03)/remove"
printf '%s\n' '[vgpu a]' 'type = mdpy-huge' 'gpu = mdpy' > $vms/vm2.ini
printf '%s\n' '[vgpu a]' 'typ = mdpy-vga' > $vms/vm4.ini
printf '%s\n' '[gpu disk]' "address = $nvme=1af4:1000" 'vfs = 3' 'probe-vfs = no' > /etc/virt-handoff/host.ini
run_unit && fail "the unit has success"
is_made 01 mtty-2
is_made 03 mbochs-medium
said vms/vm2.ini:1
said mdpy-huge
said vms/vm4.ini:2
said host.ini:1
said 1af4:1000
systemctl reset-failed $unit
journalctl -q -o cat -u $unit --no-pager | tail -n 40

start vm3
destroy vm3
is_made 03 mbochs-medium
for d in /sys/bus/mdev/devices/*; do echo 1 > "$d/remove"; done
