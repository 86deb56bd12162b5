# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# selinux.sh - the module for SELinux links with a real policy: harmless where there are no types for hooks, at work where there are
#
# Real: Debian's policy (refpolicy) and the compiler. That has none of the types of Fedora's; here stand-in.cil declares them as
# Fedora's virt.te does (2024-10), with its boolean. What it was like on such a host: not tested.
# shellcheck disable=SC2154 # tmp and here are of run

# base and virt, and what those two need
modules="base virt unconfined xserver qemu xdg getty"
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/virt-handoff/selinux

# Debian's policy as text, once; the package is only unpacked: installing it would make a policy for this machine
policy() {
	[ ! -d "$cache" ] || return 0
	(cd "$tmp" && apt-get -q download selinux-policy-default && dpkg-deb -x selinux-policy-default_*.deb .) ||
		skip "Debian's policy (selinux-policy-default) cannot be had with apt-get download"
	mkdir -p "$cache.$$"
	for module in $modules; do
		bzcat "$tmp/usr/share/selinux/default/$module.pp.bz2" | /usr/libexec/selinux/hll/pp > "$cache.$$/$module.cil" ||
			fail "$module of Debian's policy cannot be read"
	done
	mv "$cache.$$" "$cache" || rm -r "$cache.$$"
}

# link NAME CIL... - a policy for the kernel, and as text again
link() {
	out=$tmp/$1
	shift
	secilc -M 1 -c 33 -o "$out.33" -f "$out.contexts" "$cache"/*.cil "$@" || fail "the module does not link with $out"
	checkpolicy -M -b -C -o "$out.cil" "$out.33" > /dev/null || fail "$out.33 is no policy"
}
# has PATTERN - a rule that does not hang on a boolean, which would be indented
has() { grep -q "^($1" "$tmp/full.cil" || fail "not in the policy: ($1"; }

[ -e /usr/libexec/selinux/hll/pp ] || skip "policycoreutils is not installed (make deps installs it)"
need secilc checkpolicy apt-get dpkg-deb bzcat
policy

link empty
link debian conf/selinux/virt-handoff.cil
cmp "$tmp/empty.cil" "$tmp/debian.cil" || fail "the module changes a policy that knows no hooks"

link stand-in "$here/stand-in.cil"
! grep -E 'allow virtqemud_t virt_hook_t' "$tmp/stand-in.cil" || fail "the stand-in lets virtqemud run hooks: it proves nothing"
link full "$here/stand-in.cil" conf/selinux/virt-handoff.cil
for daemon in virtqemud_t virtnetworkd_t; do
	has "typetransition $daemon virt_hook_t process virt_hook_unconfined_t)"
	has "allow $daemon virt_hook_t (file (.*execute"
	has "allow $daemon virt_hook_unconfined_t (process (.*transition"
	has "allow virt_hook_unconfined_t $daemon (fd (use))"
	has "allow virt_hook_unconfined_t $daemon (fifo_file ("
done
has "allow virt_hook_unconfined_t virt_hook_t (file (.*entrypoint"
