/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sriov-script.h - run NVIDIA's sriov-manage, for one card at a time */
#pragma once

#include "base.h"
#include "host.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * sriov_script_is_there() - Whether the host has it: where host.ini says, or in a usual place
 */
bool sriov_script_is_there(const struct host *h);

/**
 * sriov_script_turn() - Wait until no other card has its turn
 * @h:       Host with a run folder; the path of the script is taken from it
 * @end_ms:  In and out: until when the card may take, clock_ms(); the time in which it waits
 *           for its turn is added
 *
 * The turn lasts until what is returned is closed: not before the card is back on its driver,
 * because the script, run for another card, takes cards that have none.
 *
 * Return:   A file descriptor, owned by the caller, or -ENOENT no such script, -EBUSY its turn
 *           did not come, or -errno
 */
int sriov_script_turn(const struct host *h, uint64_t *end_ms) MUST_CHECK;

/**
 * sriov_script_run() - Run sriov-manage -e or -d for a card that has its turn
 * @h:       Host; the path is taken from it
 * @card:    Physical function, "dddd:bb:dd.f"
 * @enable:  -e, otherwise -d
 * @end_ms:  Until when it may take, clock_ms()
 *
 * Return:   Exit status, which says little: it is 0 after a failure too. -ENOENT no such
 *           script, -ETIME, -ECHILD, or -errno
 * Source:   NVIDIA Virtual GPU Software User Guide, "Preparing the Virtual Function"
 */
int sriov_script_run(const struct host *h, const char *card, bool enable,
		     uint64_t end_ms) MUST_CHECK;
