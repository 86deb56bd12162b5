/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agree.h - whether a thing still is as a ledger says, looked up without waiting long for anything */
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
 * lock. Of a vGPU the driver is asked, with agree_ask(). A unit is looked up where systemd exports what runs.
 *
 * Return:   0, -ENOENT it is not there, -EOPNOTSUPP it cannot be looked up in this way, -ETIME
 *           the driver does not answer, or -errno
 * Source:   systemd src/core/unit.c, unit_export_invocation_id(): the link
 *           /run/systemd/units/invocation:UNIT is there from the start of a unit until it is
 *           inactive or has failed
 */
int agree_now(struct host *h, const struct step *s,
	      char ret_now[static STATE_LEN]) MUST_CHECK;

/**
 * agree_card() - The card that a virtual function is of
 * @ret:     The device itself, when it is no virtual function
 *
 * Return:   0 or -errno
 */
int agree_card(const struct host *h, const char *device,
	       char ret[static HOST_DEVICE_LEN]) MUST_CHECK;

/**
 * agree_ask() - Read what the driver of a card answers itself
 * @device:  The card, or a virtual function of it, by the name of its device
 * @path:    Below the root
 *
 * It has two seconds; one that has not answered is not asked again.
 *
 * Return:   As worker_read()
 */
int agree_ask(struct host *h, const char *device, const char *path, char *ret,
	      size_t size) MUST_CHECK;

/**
 * agree_step() - Whether a step of a ledger still holds
 * @ret_now: What is there, "" when that is not known
 */
enum agree agree_step(struct host *h, const struct ledger_step *s,
		      char ret_now[static STATE_LEN]);

/* "yes", "changed", "gone", "open", "unknown": for programs */
const char *agree_word(enum agree a);
