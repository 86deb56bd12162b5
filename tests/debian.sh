# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# debian.sh - a Debian root file system from the machine's own apt sources, and commands run in it
#
# Sourced by the recipes (lab/image.sh, netns/root.sh), which have a function die.

# Only what the machine's own apt says is Debian's: other vendors' lists stay out of the root. LAB_DEBIAN names another release
# (trixie), which is had from the same places.
debian_sources()
{
	local lines codename

	[ -n "${LAB_SOURCES:-}" ] && { cat "$LAB_SOURCES"; return; }
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	for _ in 1 2; do
		lines=$(apt-get indextargets 'Created-By: Packages' 'Origin: Debian' --format \
			"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" |
			grep -E " ${codename:-none}(-updates|-security|/updates)? " | sort -u) && break
		apt-get -q update >&2	# a fresh container has no lists yet
	done
	[ -n "$lines" ] || die "apt knows no Debian source here: name a file of deb lines in LAB_SOURCES"
	echo "${lines// $codename/ ${LAB_DEBIAN:-$codename}}"
}

# debian_root FOLDER PACKAGE... - packages and what they depend on, without what only a person reads
debian_root()
{
	local root=$1 suite
	shift
	suite=$(debian_sources | awk 'NR == 1 { sub(/[-\/].*/, "", $4); print $4 }')

	# INITRD=No: who needs an initramfs makes a small one of his own. mmdebstrap has apt call "cat >&FD", and dash knows no
	# descriptor above 9: those that make and the callers keep open are closed first
	debian_sources | INITRD=No DEBIAN_FRONTEND=noninteractive mmdebstrap --mode=root --variant=minbase \
		--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' --skip=cleanup/reproducible \
		--include="$(IFS=,; echo "$*")" "$suite" "$root" - 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

# in_root FOLDER COMMAND... - in mounts and processes of its own, which end with it
in_root()
{
	local root=$1
	shift
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount --pid --fork --kill-child bash -ec '
		mount --make-rprivate /
		mount -t proc proc "$0/proc"; mount --rbind /sys "$0/sys"; mount --bind /dev "$0/dev"
		mount -t tmpfs tmp "$0/tmp"
		exec chroot "$0" "$@"' "$root" "$@"
}
