# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# through-libvirt9.sh - a client reaches the guest through the rules of: libvirt9
rules libvirt9
. "$RULES/../through.sh"
