/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uses.h - what of the host needs a function: a mount, swap, the default route */
#pragma once

#include "base.h"
#include "host.h"
#include "nodes.h"

/**
 * uses_describe() - Say what the host would lose with these nodes
 * @h:       Host
 * @nodes:   Of one function
 * @ret:     "the mounted file system /home", "swap on nvme0n1p3", "the default route by
 *           eno1", or ""
 * @size:    Bytes at @ret
 *
 * Return:   0 or -errno
 * Source:   proc_pid_mountinfo(5), /proc/swaps, /proc/net/route, /proc/net/ipv6_route
 */
int uses_describe(const struct host *h, const struct nodes *nodes, char *ret,
		  size_t size) MUST_CHECK;
