/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base.h - the few macros that every file uses */
#pragma once

#include <stddef.h>

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK	__attribute__((warn_unused_result))
#define PRINTF(f, a)	__attribute__((format(printf, f, a)))

/* A sentence for a person, with a path and a value */
#define WHY_LEN		512

/*
 * Cleanup attributes free what this process owns. What was changed on the host is given
 * back by the ledger alone: a host change undone by leaving a scope is invisible, and lost
 * on SIGKILL.
 */
#define CLEANUP(fn)	__attribute__((cleanup(fn)))
#define TAKE_PTR(p)	({ __typeof__(p) *_p = &(p); __typeof__(p) _v = *_p; *_p = NULL; _v; })
#define TAKE_FD(fd)	({ int *_p = &(fd); int _v = *_p; *_p = -1; _v; })

void free_ptr(void *p);
void close_fd(int *fd);
