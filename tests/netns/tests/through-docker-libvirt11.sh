# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# through-docker-libvirt11.sh - a client reaches the guest through the rules of: docker libvirt11
rules docker libvirt11
. "$RULES/../through.sh"
