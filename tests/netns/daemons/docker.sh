# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docker.sh - dockerd first, then libvirtd: FORWARD drops, Docker is restarted, and a rule in DOCKER-USER is obeyed
. ./docker-with-libvirt.sh
dockerd_drops
libvirt_with_guest
docker_with_libvirt
