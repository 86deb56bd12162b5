/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child.h - run a program with an argument vector, a fixed environment and a deadline */
#pragma once

#include "base.h"

/**
 * child_run() - Run a program and wait for it
 * @argv:        NULL-terminated; argv[0] is an absolute path
 * @deadline_ms: How long it may take; then it gets SIGKILL, and is
 *           left behind when the kernel does not let it go
 * @ret:         Its standard output without the last newline, or NULL when nobody wants
 *           it
 * @size:        Bytes at @ret
 *
 * Standard input and error are /dev/null. The environment is PATH and LC_ALL=C alone.
 *
 * Return:   Exit status 0..255, or -errno; -ETIME deadline passed, -ECHILD ended by a
 *           signal, -ENOENT no such program
 */
int child_run(const char *const argv[], unsigned int deadline_ms, char *ret,
	      size_t size) MUST_CHECK;
