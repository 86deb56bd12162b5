/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl.h - the kernel's switches that forwards need */
#pragma once

#include "base.h"
#include "forward.h"
#include "host.h"

#include <stdbool.h>

/**
 * sysctl_localnet() - Have route_localnet on where connections from 127.0.0.1 leave
 * @h:       Host with a run folder
 * @lists:   Lists of all VMs, @n of them
 * @on:      Switch it on where it is wanted; false: off where it is not wanted any more
 *
 * What was off before is noted in run/virt-handoff/localnet/BRIDGE, and only that is ever
 * switched off again. It is to be off before the guard rule goes, and on after it has
 * come.
 *
 * Return:   0 or -errno of the first that failed
 */
int sysctl_localnet(const struct host *h, const struct forwards *lists, size_t n,
		    bool on) MUST_CHECK;

/**
 * sysctl_forwarding() - Whether the host routes packets to guests
 * @f:       Forwards of a VM
 * @manage:  Switch net.ipv4.ip_forward on when it is off; it stays on, as libvirt does it
 * @ret_why: What was found or done, "" when all was well
 *
 * IPv6 is only looked at: to switch it on makes a host deaf to router advertisements.
 *
 * Return:   0 all is well, 1 it was switched on, -ENETDOWN it is off, or -errno
 */
int sysctl_forwarding(const struct host *h, const struct forwards *f, bool manage,
		      char ret_why[static WHY_LEN]) MUST_CHECK;
