/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expect.h - what the tests of faults expect of the hook and of the host */
#pragma once

#include "libvirt.h"

#include <stdbool.h>

#define GPU   "0000:01:00.0"
#define AUDIO "0000:01:00.1"

/* Two seconds of deadline for one step; a call makes several, but stops at the first */
#define DEADLINE_S 2
#define PROMPT_MS  8000
/* nothing but a hang takes so long */
#define CASE_S 600

/* Name of the test that runs, for messages */
extern const char *expect_test;

/*
 * All say what is wrong and return false when it is not so; a test is a chain of them.
 */

/**
 * complain() - Say what is wrong with the test that runs
 *
 * Return:  false
 */
bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The fake kernel takes a command */
bool control(const struct stage *st, const char *command);

/* A call that succeeds, in time and in silence */
bool succeeds(const struct stage *st, const char *op);

/* A call that fails in time, with one sentence that has @word in it */
bool fails(const struct stage *st, const char *op, const char *word);

/* A call that may fail, but answers in time */
bool answers(const struct stage *st, const char *op);

/* The host is as in @want, from stage_state(st, STAGE_HOST) */
bool is_as(const struct stage *st, const char *want);

/* Says nothing */
bool has_ledger(const struct stage *st);

/* When the fault is gone: the next start and stop leave all as in the beginning. */
bool recovers(const struct stage *st, const char *begin);

/* A start that is refused, with @word, and undone at once; then it recovers */
bool refused(const struct stage *st, const char *word);

/* The fake kernel has seen no write */
bool untouched(const struct stage *st);

/**
 * struct test - One fault
 * @name:  For people
 * @run:   Called on a fresh host
 * @ini:   More lines of [devices]
 */
struct test {
	const char *name;
	bool (*run)(const struct stage *st);
	const char *ini;
};

/* faults-kernel.c, faults-host.c, ...; each ends with a NULL name */
extern const struct test kernel_faults[], host_faults[], process_faults[], file_faults[];
