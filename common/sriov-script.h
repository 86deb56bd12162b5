/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sriov-script.h - run NVIDIA's sriov-manage, for one card at a time */
#pragma once

#include "base.h"
#include "host.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * sriov_script_run() - Run sriov-manage -e or -d for a card
 * @h:       Host; the path is taken from it
 * @card:    Physical function, "dddd:bb:dd.f"
 * @enable:  -e, otherwise -d
 * @end_ms:  In and out: until when it may take, clock_ms(). It does not run for two cards
 *           at once, and the time in which it waits for its turn is added
 *
 * Return:   Exit status, which says little: it is 0 after a failure too. -ENOENT no such
 *           script, -EBUSY its turn did not come, -ETIME, -ECHILD, or -errno
 * Source:   NVIDIA Virtual GPU Software User Guide, "Preparing the Virtual Function"
 */
int sriov_script_run(const struct host *h, const char *card, bool enable,
		     uint64_t *end_ms) MUST_CHECK;
