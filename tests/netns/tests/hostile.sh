# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hostile.sh - hooks, watch, the boot's programs and the command take nothing from the environment, from descriptors or limits of whoever starts them
#
# What each program opens, runs and connects to is what strace sees. Variables of the dynamic linker are for the static gates and
# the watch only: any other program would have loaded them before it runs, and those have their environment from a gate.
command -v strace > /dev/null || skip "strace is not installed (make deps installs it)"
rules libvirt9
before
hooks=/etc/libvirt/hooks
mkdir -p $hooks/qemu.d $hooks/network.d $hooks/virt-handoff /run/hostile/bin
cp "$BUILD/hooks/gate" $hooks/qemu.d/50-virt-handoff
cp "$BUILD/hooks/gate-network" $hooks/network.d/50-virt-handoff
cp "$BUILD/hooks/qemu" "$BUILD/hooks/network" $hooks/virt-handoff/
ini train01 <<-INI
	[network]
	address = $one
	[forward ssh]
	listen = 12223
	to = 22
INI
h=/run/hostile
variables="HOME=$h TMPDIR=$h TMP=$h IFS=/ PATH=$h/bin:. CDPATH=$h ENV=$h/env BASH_ENV=$h/env LANG=de_DE.UTF-8 LC_ALL=de_DE.UTF-8 LANGUAGE=de \
	LOCPATH=$h NLSPATH=$h/%N GCONV_PATH=$h TZ=$h/zone TZDIR=$h HOSTALIASES=$h/aliases RES_OPTIONS=debug MALLOC_TRACE=$h/trace \
	XDG_CONFIG_HOME=$h XDG_CACHE_HOME=$h XDG_RUNTIME_DIR=$h XDG_DATA_HOME=$h LIBVIRT_DEFAULT_URI=test:///$h/uri LIBVIRT_DEBUG=1 \
	LIBVIRT_LOG_OUTPUTS=1:file:$h/log LIBVIRT_AUTH_FILE=$h/auth VIRSH_DEFAULT_CONNECT_URI=test:///default MODPROBE_OPTIONS=--config=$h \
	SYSTEMD_UNIT_PATH=$h SYSTEMCTL_FORCE_BUS=1 DBUS_SYSTEM_BUS_ADDRESS=unix:path=$h/bus EXPAT_ENTROPY_DEBUG=1 PCI_IDS=$h/ids \
	JOURNAL_STREAM=1:1 NOTIFY_SOCKET=$h/notify LISTEN_FDS=3 PYTHONPATH=$h PERL5LIB=$h"
linker="LD_PRELOAD=$h/lib.so LD_LIBRARY_PATH=$h LD_AUDIT=$h/audit.so LD_DEBUG=all LD_DEBUG_OUTPUT=$h/debug LD_PROFILE=x LD_PROFILE_OUTPUT=$h \
	LD_BIND_NOW=1 GLIBC_TUNABLES=glibc.malloc.check=3"

# traced HOW FILE COMMAND... - the calls of a command with a clean, a hostile or a linker's environment
traced()
{
	how=$1 to=$2
	shift 2
	set -- "$to" "$@"
	case $how in
	clean) ;;
	hostile) more=$variables ;;
	linker) more="$variables $linker" ;;
	esac
	options=
	[ "$how" = clean ] || for v in $more; do options="$options -E $v"; done
	shift
	# shellcheck disable=SC2086 # a list of words
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin strace -f -qq -o "$to" -e trace=%file,connect,sendto,write $options "$@"
}

# what a trace has of files and programs, without what differs from run to run
calls()
{
	grep -E '^[0-9]+ +(execve|open|openat|openat2|connect|readlink|readlinkat|mkdir|mkdirat|symlinkat|renameat|unlinkat)\(' "$1" |
		sed -E 's/^[0-9]+ +//; s/0x[0-9a-f]+/X/g; s/\/\* [0-9]+ vars? \*\///; s/ = [0-9]+$/ = N/; s|/proc/[0-9]+|/proc/N|g; s|self/fd/[0-9]+|self/fd/N|; s/(at\()[0-9]+,/\1N,/' |
		LC_ALL=C sort | ${unique:-uniq -c}
}

# same NAME HOW COMMAND... - both ways the same calls, and nothing of the hostile folder
same()
{
	name=$1 how=$2
	shift 2
	for way in clean "$how"; do "$@" "$way" "/run/trace.$way"; done
	compared "$name" "$how"
}
compared()
{
	name=$1 how=$2
	for way in clean "$how"; do calls "/run/trace.$way" > "/run/calls.$way"; done
	[ -s /run/calls.clean ] || fail "$name: nothing was traced"
	! grep -F $h "/run/trace.$how" | grep -v '^[0-9]* *execve([^)]*= 0$' || fail "$name goes by its environment: $(grep -F $h "/run/trace.$how" | head -n 1)"
	diff /run/calls.clean "/run/calls.$how" > /run/difference || fail "$name: other calls: $(grep '^[<>]' /run/difference | head -n 1)"
	echo "$name: $(wc -l < /run/calls.clean) different calls, the same both ways"
}

vm_event() { to=$3; xml train01 > /run/xml; traced "$2" "$to" $hooks/qemu.d/50-virt-handoff train01 "${1% *}" "${1#* }" - < /run/xml; }
prepare() { vm_event 'prepare begin' "$@" || fail "prepare"; }
started() { vm_event 'started begin' "$@" || fail "started"; }
stopped() { vm_event 'stopped end' "$@" || fail "stopped"; }
release() { vm_event 'release end' "$@" || fail "release"; }
network_event() { traced "$1" "$2" $hooks/network.d/50-virt-handoff default started begin - < /dev/null || fail "network"; }
# a hook that fails, because then the watch has something to say, too
watched()
{
	rm -f "$2"
	touch $state/forwards/none
	traced "$1" "$2" "$BUILD/helpers/watch" /bin/false &
	until_true 60 grep -qs "sendto(" "$2" || fail "the watch does not say that its hook fails"
	rm $state/forwards/none
	wait $! || fail "watch"
}

# everything is there already, so that the second time is as the first
environment()
{
	start train01
	stop train01
	for way in clean linker; do
		for event in prepare started stopped release; do $event $way /run/trace.$event.$way; done
	done
	for event in prepare started stopped release; do
		for way in clean linker; do cp /run/trace.$event.$way /run/trace.$way; done
		compared "hook $event" linker
	done
	start train01
	same "network hook" linker network_event
	stop train01
	# how often it runs a hook that fails is a matter of time
	unique="uniq"
	same watch linker watched
	unique=

	# each prints, and its exit status does not matter here
	boot() { traced "$1" "$2" "$BUILD/helpers/boot" > /dev/null 2>&1; }
	command() { how=$1 to=$2; traced "$how" "$to" "$BUILD/helpers/virt-handoff" $verb > /dev/null 2>&1; }
	same boot hostile boot
	# a function that no machine has: nothing is loaded
	mkdir -p /var/lib/virt-handoff
	echo 'ffff:ff:1f.7 1234:5678 vfio-pci vfio_pci' > /var/lib/virt-handoff/early.list
	anew() { rm -f $state/early; traced "$1" "$2" "$BUILD/helpers/$program" || fail "$program"; }
	for program in early late; do same $program hostile anew; done
	grep -q ffff:ff:1f.7 $state/early || fail "late has not read its list"
	rm /var/lib/virt-handoff/early.list $state/early
	for verb in 'status' 'list gpus' 'plan train01' 'check' 'early show'; do same "virt-handoff $verb" hostile command; done
}
# sanitizers have variables and files of their own, and their gates a dynamic linker
[ "$SANITIZED" ] || environment
start train01

# standard descriptors that are closed are not given to a file of ours
closed() { sh -c 'exec 0<&- 1>&- 2>&-; exec "$@"' sh strace -f -qq -o /run/trace -e trace=openat,open,socket,memfd_create,pipe2,socketpair "$@"; }
# kept_apart WHAT - of what comes behind the dynamic linker, but not of children
kept_apart()
{
	read -r mine _ < /run/trace
	sed -i "/^$mine /!d" /run/trace
	[ "$(grep -c '"/dev/null".* = [012]$' /run/trace)" = 3 ] || fail "$1 does not see that its standard descriptors are closed"
	# pipe2([5, 6]) = 0: the descriptors are 5 and 6
	! sed -E '1,/"\/dev\/null"/d; s/^.*\[([0-9]+), ([0-9]+)\].* = 0$/ = \1\n = \2/' /run/trace | grep -v '"/dev/null"' |
		grep -E ' = [012]$' || fail "$1 has a standard descriptor for something else"
}
for event in 'prepare begin' 'started begin' 'release end'; do
	# shellcheck disable=SC2086 # a list of words
	closed $hooks/virt-handoff/qemu train01 $event -
	kept_apart "$event"
done
closed "$BUILD/helpers/boot"
kept_apart boot
mkdir -p /var/lib/virt-handoff
echo 'ffff:ff:1f.7 1234:5678 vfio-pci vfio_pci' > /var/lib/virt-handoff/early.list
closed "$BUILD/helpers/late"
kept_apart late
rm -r /var/lib/virt-handoff $state/early
stop train01

# a limit is an error with a sentence, not a death half way; what is made is root's alone, whatever the umask
printf 'required = yes\n' >> $vms/train01.ini
xml train01 > /run/xml
# limited LIMIT - prepare ends with status 1 and one sentence, which goes through a pipe: a file has no room either
limited()
{
	# 3 and 4 may be make's
	{ prlimit "$1" -- "$qemu_hook" train01 prepare begin - < /run/xml 3>&- 4>&-; echo $? > /run/status; } 2>&1 | cat > /run/said
	[ "$(cat /run/status)" = 1 ] || fail "prepare with $1 ends with status $(cat /run/status)"
	[ "$(wc -l < /run/said)" = 1 ] || fail "prepare with $1 says: $(cat /run/said)"
	echo "$1: $(cat /run/said)"
}
limited --fsize=0
# enough for the INI file's copy, not for what is written down
limited --fsize=100
[ -z "$(find $state -type f)" ] || fail "left: $(find $state -type f)"
limited --nofile=5
rm -r $state
(umask 0; hook train01 prepare begin && hook train01 started begin) || fail "umask 0"
[ -z "$(find $state -perm /077 ! -type l)" ] || fail "others may read: $(find $state -perm /077 ! -type l | head -n 1)"
(umask 0777; hook train01 stopped end && hook train01 release end) || fail "umask 0777"
env --ignore-signal=CHLD --block-signal=TERM "$BUILD/helpers/boot" > /run/stderr 2>&1 || fail "boot with SIGCHLD ignored: $(cat /run/stderr)"
after
