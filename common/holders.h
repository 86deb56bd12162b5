/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holders.h - the processes that have a device open, by pid, command and systemd unit */
#pragma once

#include "base.h"
#include "host.h"
#include "nodes.h"
#include "step.h"

#include <stdbool.h>
#include <sys/types.h>

#define HOLDERS_MAX 8 /* more names in one sentence help nobody */

/**
 * struct holder - A process that has a device open or mapped
 * @pid:     Its number
 * @command: First 15 bytes of its name (/proc/PID/comm)
 * @unit:    systemd unit or scope of its cgroup, "" when it has none; as long as a target
 *           of kind_unit
 * @user:    That unit is one of a user's own systemd, which stop-units cannot stop
 */
struct holder {
	pid_t pid;
	char command[16];
	char unit[TARGET_LEN];
	bool user;
};

/**
 * struct holders - A question and its answer
 * @nodes:   Borrowed. Who has one of these open?
 * @holder:  Answer, @n of them
 */
struct holders {
	const struct nodes *nodes;
	struct holder holder[HOLDERS_MAX];
	size_t n;
};

/**
 * holders_find() - Who has nodes open, for several sets of nodes in one walk through
 * /proc
 * @h:       Host; proc below its root is read
 * @asked:   Questions with @nodes set, @n of them; the answers are filled in. When no
 *           question has a node, nothing is read
 *
 * This process is left out. A process that may not be looked into (another AppArmor
 * profile) is passed over.
 *
 * Return:   0 or -errno
 * Source:   proc(5): /proc/PID/fd, /proc/PID/maps, /proc/PID/cgroup
 */
int holders_find(const struct host *h, struct holders *asked, size_t n) MUST_CHECK;

/**
 * holders_any() - Has anybody one of these nodes open?
 * @h:       Host, as holders_find()
 * @nodes:   The nodes
 *
 * Return:   1, 0, or -errno
 */
int holders_any(const struct host *h, const struct nodes *nodes) MUST_CHECK;

/**
 * holders_describe() - "ollama.service (pid 1234, ollama)", several with commas
 * @holder:  @n of them, at least one
 * @ret:     Text, cut when it does not fit
 */
void holders_describe(const struct holder *holder, size_t n, char *ret, size_t size);
