/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agree.h - whether a thing still is as a ledger says, looked up without waiting for anything */
#pragma once

#include "host.h"
#include "ledger.h"
#include "step.h"

enum agree {
	AGREE_YES, /* it is as the ledger says */
	AGREE_NO, /* somebody has changed it */
	AGREE_GONE, /* it is not there any more */
	AGREE_OPEN, /* between two records: it may be either, and is not judged */
	AGREE_UNKNOWN, /* it cannot be looked up without asking somebody */
};

/**
 * agree_now() - What a thing is now
 * @s:       Step whose target is looked up
 * @ret_now: In the words of its kind; of a driver its name alone
 *
 * Links and plain attributes are read, below the root of @h; no attribute that takes a device
 * lock, no child, no worker. A unit is looked up where systemd exports what runs.
 *
 * Return:   0, -ENOENT it is not there, -EOPNOTSUPP it cannot be looked up in this way, or -errno
 * Source:   systemd src/core/unit.c, unit_export_invocation_id(): the link
 *           /run/systemd/units/invocation:UNIT is there from the start of a unit until it is
 *           inactive or has failed
 */
int agree_now(struct host *h, const struct step *s,
	      char ret_now[static STATE_LEN]) MUST_CHECK;

/**
 * agree_step() - Whether a step of a ledger still holds
 * @ret_now: What is there, "" when that is not known
 */
enum agree agree_step(struct host *h, const struct ledger_step *s,
		      char ret_now[static STATE_LEN]);

/* "yes", "changed", "gone", "open", "unknown": for programs */
const char *agree_word(enum agree a);
