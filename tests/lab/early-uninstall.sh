#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# early-uninstall.sh - install, rebuild, uninstall, rebuild: what is in the images then (tools.after, hostonly.after)
#
# early-uninstall.sh ROOT SUITE.tar OUT
#
# ROOT stays as it is. Called by early.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=early-root.sh
. "$here/early-root.sh"

inside update-initramfs -c -k "$release"
install_suite
# not -q: who stops reading ends who lists, and that would be a failure of all (pipefail)
tools_files | grep handoff > /dev/null || { echo "FAIL: nothing of the suite was in the image"; exit 1; }
inside make -s -C /root/src uninstall PREFIX=/usr
inside update-initramfs -u -k "$release"
tools_files > "$out/tools.after"
dracut --hostonly --no-compress --nostrip --no-hostonly-cmdline /boot/initrd.hostonly
dracut_files /boot/initrd.hostonly > "$out/hostonly.after"
