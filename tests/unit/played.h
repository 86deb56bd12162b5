/* SPDX-License-Identifier: GPL-2.0-or-later */
/* played.h - a worker whose writes are answered by a function of the test, at once, as by a kernel */
#pragma once

#include "tree.h"

/**
 * played_kernel - What the kernel of this test does with a write to an attribute
 *
 * Called with the path below the root and the value, before the value is in the file.
 * Returns 0, then the value is stored; or what the write fails with; or 1: it has success,
 * and nothing happens. NULL: every write is stored.
 *
 * A test that uses it has no child for its sysfs accesses: the worker is in test-worker.c
 * and test-kinds.c.
 */
extern int (*played_kernel)(const char *path, const char *value);

/* How many writes there were, and the last one, "PATH=VALUE" */
extern unsigned int played_writes;
extern char played_last[512];

void played_reset(void);
