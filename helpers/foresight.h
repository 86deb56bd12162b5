/* SPDX-License-Identifier: GPL-2.0-or-later */
/* foresight.h - all that a start of a VM would do, or why it would be refused */
#pragma once

#include "ctl.h"
#include "domain.h"

#include "base.h"
#include "findings.h"
#include "forward.h"
#include "handover.h"

#include <stdbool.h>

enum foresight_is {
	FORESIGHT_STARTS,
	FORESIGHT_REFUSED,
	FORESIGHT_NOT_OURS, /* there is no INI file: nothing is done */
};

/**
 * struct foresight - What a start of one VM comes to
 * @is:      Which of the three
 * @domain:  The VM
 * @conf:    Its INI file
 * @handover: What is done to devices; steps only when it starts
 * @forwards: What it gets, sorted as its INI file is
 * @found:   Reasons to refuse and remarks; those of forwards come last
 * @left:    Owned. Its ledger: what it has now when it runs, else what an earlier start left
 *           behind; without steps when there is none
 */
struct foresight {
	enum foresight_is is;
	struct domain domain;
	struct conf_vm conf;
	struct handover handover;
	struct forwards forwards;
	struct findings found;
	struct ledger left;
};

/**
 * foresight_read() - Find out what a start of a VM would do
 * @vm:      Name or UUID
 * @ret:     Filled; owned by the caller, foresight_free()
 * @ret_why: One sentence on failure
 *
 * Nothing is touched. The same functions decide as at a start.
 *
 * Return:   0, also when it would be refused; -ENOENT there is no such VM, or -errno
 */
int foresight_read(struct ctl *c, const char *vm, struct foresight *ret,
		   char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * foresight_judge() - The same for an INI file that may not be in its place yet
 * @f:       @domain and @conf are there; the rest is filled
 */
void foresight_judge(struct ctl *c, struct foresight *f);

void foresight_free(struct foresight *f);
