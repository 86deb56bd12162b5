/* SPDX-License-Identifier: GPL-2.0-or-later */
/* routing.h - whether the host passes packets on between its interfaces */
#pragma once

#include "base.h"
#include "forward.h"
#include "host.h"

#include <stdbool.h>

struct ifaddrs;

/**
 * routing_check() - Whether the host routes the packets of a VM's forwards
 * @ifaces:  Addresses of the host
 * @f:       Forwards of a VM
 * @manage:  Switch on what is off; it stays on, as libvirt does it
 * @ret_why: What was found or done, "" when all was well
 *
 * IPv4 is looked at where packets come in: the bridge, the interface with the address that
 * is listened on, for every address those with a default route. IPv6 is one switch for the
 * host; with it on, an interface with accept_ra = 1 becomes deaf to router advertisements,
 * so that is made 2 first where the default route comes from one.
 *
 * Return:   0 all is well, 1 something was switched on, -ENETDOWN something is off, or
 *           -errno
 * Source:   Linux Documentation/networking/ip-sysctl.rst
 */
int routing_check(const struct host *h, const struct ifaddrs *ifaces,
		  const struct forwards *f, bool manage,
		  char ret_why[static WHY_LEN]) MUST_CHECK;
