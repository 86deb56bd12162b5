/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limit.h - an end to a sandbox that does not end by itself */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/**
 * limit_wait() - Wait for the first process of a PID namespace; kill it when it takes too
 * long, and with it everything in the namespace
 * @pid:         The process
 * @seconds:     How long it may take
 * @ret_status:  As waitpid(2) has it
 *
 * When it takes too long, a line for each process of the namespace is printed, on which
 * it waits. An alarm(2) of its own does not help: the first process of a namespace is
 * ended by no signal that it does not catch, but by SIGKILL from outside.
 *
 * Return:  whether it ended by itself
 */
bool limit_wait(pid_t pid, unsigned int seconds, int *ret_status);
