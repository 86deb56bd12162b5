/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forwarding.h - a VM gets its forwards, keeps them, and loses them */
#pragma once

#include "base.h"
#include "conf.h"
#include "guest.h"
#include "host.h"
#include "log.h"

#include <stdbool.h>

/**
 * struct forwarding_report - Who is told
 * @say:     Called with each sentence: what was refused, what has changed
 * @who:     For those who wait for the lock: "started of train01"
 */
struct forwarding_report {
	void (*say)(enum log_level level, const char *sentence);
	const char *who;
};

/**
 * forwarding_check() - Whether the VM can have the forwards that it cannot do without
 * @c:       Its INI file
 * @ret_why: One sentence on failure: what is in the way of which [forward NAME]
 *
 * Changes nothing. Only sections with `required = yes` count; the others are looked at
 * when the VM has started.
 *
 * Return:   0, -EPERM something is in the way, or -errno
 */
int forwarding_check(struct host *h, const struct guest *g, const struct conf_vm *c,
		     const struct forwarding_report *rep,
		     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_start() - Make the forwards of a running VM be as its INI file says
 *
 * Can be repeated. Forwards that collide are refused one by one, and said; those whose
 * address is not known yet follow when it is. An INI file that cannot be read leaves what
 * there is, and says so.
 *
 * Return:   0 or -errno
 */
int forwarding_start(struct host *h, const struct guest *g,
		     const struct forwarding_report *rep,
		     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_stop() - Take away all forwards of a VM
 * @vm:      Its name
 *
 * The INI file is not asked.
 *
 * Return:   0, also when it has none; or -errno
 */
int forwarding_stop(struct host *h, const char *vm, const struct forwarding_report *rep,
		    char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_repair() - Make all forwards be as they were written down
 * @reread:  Read INI files, reservations and leases again too
 * @ret_changed: Whether there was something to do
 *
 * Return:   0 or -errno
 */
int forwarding_repair(struct host *h, bool reread, const struct forwarding_report *rep,
		      bool *ret_changed, char ret_why[static WHY_LEN]) MUST_CHECK;
