/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forwarding.h - a VM gets its forwards, keeps them, and loses them */
#pragma once

#include "base.h"
#include "conf.h"
#include "findings.h"
#include "forward.h"
#include "guest.h"
#include "host.h"
#include "log.h"

#include <stdbool.h>
#include <sys/types.h>

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
 * forwarding_claim() - Keep the ports of a VM that is about to start
 * @c:       Its INI file
 * @daemon:  Process that starts it; when that is gone, so is the claim
 * @ret_why: One sentence on failure: what is in the way of which [forward NAME]
 *
 * Nothing comes into the kernel yet. Only sections with `required = yes` can fail; what is
 * in the way of others is said when the VM has started.
 *
 * Return:   0, -EPERM something is in the way, or -errno
 */
int forwarding_claim(struct host *h, const struct guest *g, const struct conf_vm *c,
		     pid_t daemon, const struct forwarding_report *rep,
		     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_foresee() - What forwarding_claim() and forwarding_start() would do
 * @here:    It is this host; otherwise its addresses are not known, and a forward that leads
 *           to the host itself is not found out
 * @ret:     Owned by the caller, forwards_free(); those without an address yet wait
 * @found:   What is in the way is added; it refuses the start where the section has
 *           `required = yes`
 *
 * Nothing is touched or locked. What the VM itself has does not count, because a start
 * begins with taking it away.
 */
void forwarding_foresee(struct host *h, const struct guest *g, const struct conf_vm *c,
			bool here, struct forwards *ret, struct findings *found);

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

/**
 * forwarding_check() - Whether the kernel has the forwards that are written down
 * @ret_same: It has, or they are changed just now
 * @ret_why:  One sentence on failure
 *
 * Nothing is touched or locked.
 *
 * Return:   0 or -errno
 */
int forwarding_check(struct host *h, bool *ret_same,
		     char ret_why[static WHY_LEN]) MUST_CHECK;
