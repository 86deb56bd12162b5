# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docker-after-drops.sh - libvirtd first, then dockerd, which drops what is forwarded all the same
. ./docker-with-libvirt.sh
libvirt_with_guest
dockerd_drops
docker_with_libvirt
