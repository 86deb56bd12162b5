# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docker-after.sh - libvirtd first, then dockerd, which changes no policy then; and all the same with FORWARD that drops
. ./docker-with-libvirt.sh
libvirt_with_guest
dockerd_up
iptables -S FORWARD | grep -q '^-P FORWARD ACCEPT' || fail "this Docker drops also when forwarding was on"
docker_with_libvirt
ends $dockerd
dockerd_drops
docker_with_libvirt
