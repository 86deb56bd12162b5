/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt.h - call the hook as libvirt does, untraced, and say how it answered */
#pragma once

#include "scenario.h"

#include <stdbool.h>

#define ANSWER_LEN 2048

/**
 * struct answer - How a hook answered
 * @status:  Exit status, or minus the signal that ended it
 * @ms:      Until libvirt would go on: it ended, and both its pipes were closed
 * @late:    That did not happen in time
 * @err:     What it wrote to standard error, without the last newline
 * @out:     How many bytes it wrote to standard output
 */
struct answer {
	int status;
	unsigned int ms;
	bool late;
	char err[ANSWER_LEN];
	size_t out;
};

/**
 * libvirt_calls() - Call the hook and wait as libvirt waits, but not for ever
 * @st:     Stage
 * @op:     "prepare", "started", "stopped", "release", "reconnect"
 * @ms:     How long to wait at most
 *
 * libvirt goes on when standard output and standard error are closed, by whoever has
 * them, and the hook has ended (src/util/vircommand.c).
 */
struct answer libvirt_calls(const struct stage *st, const char *op, unsigned int ms);
