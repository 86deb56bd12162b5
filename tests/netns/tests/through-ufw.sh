# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# through-ufw.sh - a client reaches the guest through the rules of: ufw
rules ufw
. "$RULES/../through.sh"
