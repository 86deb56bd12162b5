# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docker-after.sh - libvirtd first, then dockerd: forwarding was on already, so Docker changes no policy
. ./docker-with-libvirt.sh
libvirt_with_guest
dockerd_up
iptables -S FORWARD | grep -q '^-P FORWARD ACCEPT' || fail "this Docker drops also when forwarding was on"
docker_with_libvirt
