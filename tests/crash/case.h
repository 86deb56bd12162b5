/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case.h - one case of the crash test: a fresh host, a kill or two, and what is left */
#pragma once

#include "scenario.h"
#include "trace.h"

#define CASE_SECONDS 60 /* a case takes some 30 ms; the hook's own deadline is 30 s */

/* How a case ends, as exit status */
enum case_result {
	OK,
	FAILED,
	NO_POINT, /* the first run has no such point */
	NO_SECOND, /* the second run has no such point */
};

struct series {
	const char *name;
	const char *first; /* killed at the first point */
	const char *second; /* killed at the second, or NULL */
	bool after_prepare; /* a whole prepare comes before */
	bool only_release; /* the end is release alone */
	bool alone;
	bool boot; /* of the boot helper, for BOOT_ONLY */
	bool plug; /* of a running VM, for scenarios with @plug */
	const char *before; /* a whole call before the first that is killed, or NULL */
	const char *then[3]; /* and after it */
};

extern const struct series all_series[];
extern const size_t n_series;

/* One case: where it is killed */
struct point {
	const struct series *se;
	enum trace_side side;
	unsigned int first;
	unsigned int second;
	char what[2][TRACE_WHAT_LEN];
};

/* What an undisturbed hand-over leaves, and what there is while the VM runs */
struct reference {
	char *mid; /* STAGE_HOST, while the VM runs; STAGE_RUN after the boot helper */
	char *run; /* STAGE_RUN, in the end */
	char *end; /* STAGE_ALL, in the end */
};

/**
 * case_run() - Run one case in a PID namespace of its own, and so with a fresh fake
 * kernel
 * @p:    Where to kill; the names of the calls are filled in
 * @ref:  What is compared
 *
 * What failed is printed.
 *
 * Return:  an enum case_result
 */
int case_run(const struct stage *st, struct point *p, const struct reference *ref);

/**
 * case_reference() - Run the hand-over and give-back that nobody disturbs
 *
 * Return:  false when even that does not put all back; says so
 */
bool case_reference(const struct stage *st, struct reference *ret);

/**
 * case_ends() - Whether a case that hangs would be ended, tried with a process that
 * ignores what can be ignored
 */
bool case_ends(void);
