/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace.h - run a program under ptrace and kill it, and its children, at a system call */
#pragma once

#include "../fake/sandbox.h"

#include <stdbool.h>
#include <sys/types.h>

#define TRACE_WHAT_LEN 256
#define TRACE_ERR_LEN  2048

enum trace_side {
	TRACE_NO_KILL,
	TRACE_BEFORE, /* the call does not happen */
	TRACE_AFTER, /* it happened, and nothing after it */
};

/**
 * struct trace - One run of a program
 * @box:      Sandbox it runs in, started; borrowed
 * @argv:     Program, a path of the sandbox, and its arguments
 * @input:    What it reads on its standard input, or NULL
 * @side:     Whether and on which side of the call to kill
 * @point:    Number of the state-changing call to kill at, from 1
 * @alone:    Kill the first process only; its children go on as they would without it
 * @on_call:  Called before each state-changing call, with the program stopped, or NULL
 * @data:     For @on_call
 * @points:   Set: state-changing calls that were begun
 * @killed:   Set: the point was reached
 * @status:   Set: exit status of the first process, or minus the signal
 * @what:     Set: the call it was killed at, else the last one
 * @err:      Set: what it wrote to its standard error
 * @out_len:  Set: bytes it wrote to its standard output
 */
struct trace {
	const struct sandbox *box;
	const char *const *argv;
	const char *input;
	enum trace_side side;
	unsigned int point;
	bool alone;
	void (*on_call)(const struct trace *t, const char *what);
	void *data;
	unsigned int points;
	bool killed;
	int status;
	char what[TRACE_WHAT_LEN];
	char err[TRACE_ERR_LEN];
	size_t out_len;
};

/**
 * trace_run() - Run the program until it and all its children have ended
 *
 * A state-changing call is one that writes to, makes, removes, renames or truncates
 * something below a folder other than /dev, /proc and /tmp; an execve(2) but the first;
 * and one that loads or unloads a module, which is done in the fake kernel.
 *
 * Call in the first process of a sandbox. Ends the process when tracing does not work.
 */
void trace_run(struct trace *t);

/* calls.c */

struct filter_call;

/**
 * calls_filter() - The calls that may change something
 * @ret_n:  How many
 */
const struct filter_call *calls_filter(size_t *ret_n);

/**
 * calls_is_module() - Whether a call loads or unloads a module
 */
bool calls_is_module(long nr);

/**
 * calls_describe() - Whether a call changes something, and what it is in words
 * @ret:  TRACE_WHAT_LEN bytes: "write /run/virt-handoff/ledger/UUID"
 *
 * Return:  false when it changes nothing that lasts
 */
bool calls_describe(const struct sandbox *box, pid_t pid, long nr, const uint64_t args[6],
		    char *ret);
