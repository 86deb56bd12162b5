/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command.h - run a program in a sandbox, untraced, with its module calls caught */
#pragma once

#include "sandbox.h"

#include <sys/types.h>

/**
 * command_start() - Start a program in a sandbox
 * @s:         Sandbox, started
 * @argv:      Program, looked up in PATH, and its arguments
 * @fds:       What becomes its descriptors 0, 1 and 2; all others are closed
 * @listener:  Set: readable when it asks to load or unload a module
 *
 * Loading and unloading modules is caught by seccomp, in it and in all its children, and
 * waits until command_answer() is called: the real kernel is never asked.
 *
 * Return:  its process; ends this process on failure
 */
pid_t command_start(const struct sandbox *s, char *const argv[], const int fds[3],
		    int *listener);

/**
 * command_answer() - Do for it what it asks about a module
 */
void command_answer(const struct sandbox *s, int listener);
