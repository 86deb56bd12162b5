# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# through-libvirt9-docker.sh - a client reaches the guest through the rules of: libvirt9 docker
rules libvirt9 docker
. "$RULES/../through.sh"
