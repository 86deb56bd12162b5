/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.h - kinds for tests: a table of values in memory, which can fail, and end the
 * process at a chosen change */
#pragma once

#include "apply.h"
#include "ledger.h"
#include "step.h"
#include "tree.h"

#define TABLE_MAX    16
#define TABLE_KILLED 77 /* exit status of a process that was ended by table_tick() */

/**
 * struct table - The things that the kinds "own" and "shared" set
 * @thing:   @n of them; @get_error and @set_error are returned when not 0
 * @log:     What was set and reported, a line each
 * @ticks:   After how many more changes the process ends; 0: never
 *
 * It is in memory that child processes share.
 */
struct table {
	struct table_thing {
		char kind[KIND_LEN];
		char target[TARGET_LEN];
		char value[STATE_LEN];
		int get_error, set_error;
	} thing[TABLE_MAX];
	size_t n;
	char log[8192];
	unsigned int ticks;
};

extern const struct kind *const table_kinds[];

/* The table itself, after table_reset() */
struct table *table_now(void);

/**
 * table_reset() - Empty it
 */
void table_reset(void);

/**
 * table_put() - Add a thing or change its value
 *
 * Return:   Borrowed
 */
struct table_thing *table_put(const char *kind, const char *target, const char *value);

struct table_thing *table_find(const char *kind, const char *target);

/**
 * table_value() - Value of a thing that is there
 */
const char *table_value(const char *kind, const char *target);

/**
 * table_due() - One change is going to be done; whether the process has to end now
 */
bool table_due(void);

/**
 * table_tick() - One change of state is going to be done; ends the process when its time
 * has come
 */
void table_tick(void);

/**
 * table_report - Writes outcomes into the log
 */
extern const struct report table_report;

/**
 * struct table_vm - A VM and what it asks for
 * @wish:    @n steps without @from
 */
struct table_vm {
	const char *uuid, *name;
	struct step wish[8];
	size_t n;
};

/**
 * table_publish() - Observe what a VM's steps start from, and create its ledger: what
 * handover.c does after its checks
 *
 * Return:   0 or -errno
 */
int table_publish(struct host *h, const struct table_vm *vm, struct ledger *l,
		  char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * table_take() - table_publish() and apply(), nothing undone on failure
 *
 * Return:   0 or -errno
 */
int table_take(struct host *h, const struct table_vm *vm) MUST_CHECK;
