/* SPDX-License-Identifier: GPL-2.0-or-later */
/* localnet.h - route_localnet of bridges: connections from 127.0.0.1 may leave by them */
#pragma once

#include "base.h"
#include "forward.h"
#include "host.h"

#include <stdbool.h>

/**
 * localnet_set() - Have route_localnet on where connections from 127.0.0.1 leave
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
int localnet_set(const struct host *h, const struct forwards *lists, size_t n,
		    bool on) MUST_CHECK;
