/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conntrack.h - connections that the kernel knows of and that a change must not leave */
#pragma once

#include "base.h"
#include "forward.h"

/**
 * conntrack_flush() - Make the kernel forget connections that a change concerns
 * @gone:    Forwards that are no more: their connections end. NULL: none
 * @now:     Forwards that there are: a connection that one of them leads to the same place
 *           goes on, whatever forward it began with. NULL: none
 * @come:    Forwards that are new. A UDP sender that began before is known as one that
 *           talks to the host itself, and would never get to the guest while it goes on
 *           sending. NULL: none
 * @ret_n:   How many were forgotten
 *
 * Only what has the very protocol, ports and addresses: connections routed through the
 * host to the same port elsewhere stay.
 *
 * Return:   0, or what the kernel said; -EOPNOTSUPP it has no ctnetlink
 */
int conntrack_flush(const struct forwards *gone, const struct forwards *now,
		    const struct forwards *come, unsigned int *ret_n) MUST_CHECK;
