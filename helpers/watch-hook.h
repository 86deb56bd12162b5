/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch-hook.h - the watch runs the network hook, and hears how it went */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* exit status: there was something to put right, and it is */
#define HOOK_CHANGED 10

/**
 * hook_start() - Run `network - watch TASK -`
 * @path:    Of the hook
 * @again:   The same has failed before: what was said then is not said again
 *
 * Return:   Its process id, or -1 with errno
 */
pid_t hook_start(const char *path, const char *task, bool again);

/**
 * hook_wait() - Wait until it has ended
 * @ret_why: What is wrong, @len bytes; untouched on success
 *
 * Its process id remains its own until hook_forget().
 *
 * Return:   0, HOOK_CHANGED, or -1
 */
int hook_wait(pid_t hook, char *ret_why, size_t len);

/**
 * hook_forget() - Give its process id back
 */
void hook_forget(pid_t hook);
