# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# through-libvirt11.sh - a client reaches the guest through the rules of: libvirt11
rules libvirt11
. "$RULES/../through.sh"
