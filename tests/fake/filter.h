/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter.h - stop chosen system calls of a program, and answer those about modules */
#pragma once

#include "sandbox.h"

#include <stdint.h>
#include <sys/types.h>

/**
 * struct filter_call - a system call to stop at
 * @nr:    Its number, __NR_...
 * @arg:   Argument to look at, 0 to 5
 * @mask:  Stop only when the argument has one of these bits; 0: always
 */
struct filter_call {
	int nr;
	unsigned int arg;
	uint32_t mask;
};

/**
 * filter_install() - Install a seccomp filter in this process and its later children
 * @calls:   Calls to stop at
 * @n:       How many, at most 100
 * @action:  SECCOMP_RET_TRACE or SECCOMP_RET_USER_NOTIF
 *
 * A call of another architecture (32 bit) is answered with ENOSYS.
 *
 * Return:  the listener's descriptor for SECCOMP_RET_USER_NOTIF, else 0; ends the process
 * on failure
 */
int filter_install(const struct filter_call *calls, size_t n, uint32_t action);

/**
 * module_call() - Do for a program what it asks of the kernel about modules
 * @s:     Sandbox whose fake kernel does it
 * @pid:   Process that made the call
 * @nr:    finit_module, init_module or delete_module
 * @args:  Its arguments
 *
 * The name is taken from the file's path; init_module(2), which has none, is not there
 * (ENOSYS).
 *
 * Return:  0 or a negative errno
 */
int module_call(const struct sandbox *s, pid_t pid, long nr, const uint64_t args[6]);

/**
 * process_string() - Read a string out of another process
 *
 * Return:  false when it cannot be read, or does not fit
 */
bool process_string(pid_t pid, uint64_t at, char *ret, size_t size);
