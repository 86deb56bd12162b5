/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hotplug-parts.h - inside hotplug*.c: what goes along with a function, and the ledger */
#pragma once

#include "apply.h"
#include "bdf.h"
#include "inventory.h"
#include "ledger.h"
#include "policy.h"

#include <stdbool.h>

/**
 * struct members - A function and what goes along with it, as far as a ledger claims it
 * @name:    @n of them
 */
struct members {
	char name[INVENTORY_MAX][BDF_LEN];
	size_t n;
};

/**
 * members_find() - What goes along with a function
 * @inv:     The function was looked at, with its slot and its group
 *
 * Return:   0 or -EBADMSG
 */
int members_find(const struct inventory *inv, const struct ledger *l, const struct bdf *b,
		 struct members *ret) MUST_CHECK;

/**
 * members_are_settled() - Whether every step on them was done, so that nobody was killed
 * in between
 */
bool members_are_settled(const struct ledger *l, const struct members *m);

/**
 * members_check_closed() - Whether no process has one of them open
 *
 * Return:   0, -EBUSY with a sentence that names who has, or -errno
 */
int members_check_closed(const struct host *h, const struct members *m,
			 char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * members_undo() - Give them back, and take them out of the ledger
 * @l:       Open for appending; removed when nothing is left in it
 *
 * Return:   0 or -errno
 */
int members_undo(struct host *h, struct ledger *l, const struct members *m,
		 const struct report *rep, char ret_why[static WHY_LEN]) MUST_CHECK;

/* Whether a ledger claims a function */
bool claims_function(const struct ledger *l, const char *name);

/**
 * extend_ledger() - Add claims and steps to the ledger of a VM that runs
 * @plan:    From plan_observe(): every step of it has something to do
 *
 * A unit that was stopped for the VM's other card, and is stopped, is not in the plan. One
 * that runs again is stopped again, and given back as it was before the first time; so is
 * all that several VMs share.
 *
 * Return:   0 or -ENOMEM
 */
int extend_ledger(const struct host *h, const struct taken *taken,
		  const struct plan *plan, struct ledger *l) MUST_CHECK;
