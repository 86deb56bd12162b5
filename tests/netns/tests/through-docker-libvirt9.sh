# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# through-docker-libvirt9.sh - a client reaches the guest through the rules of: docker libvirt9
rules docker libvirt9
. "$RULES/../through.sh"
