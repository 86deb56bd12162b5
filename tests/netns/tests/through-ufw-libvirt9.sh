# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# through-ufw-libvirt9.sh - a client reaches the guest through the rules of: ufw libvirt9
rules ufw libvirt9
. "$RULES/../through.sh"
