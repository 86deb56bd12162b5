// SPDX-License-Identifier: GPL-2.0-or-later
/* sriov-script.c - run NVIDIA's sriov-manage, for one card at a time */

#include "sriov-script.h"

#include "child.h"
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define POLL_MS 20
/* of those that have their turn first: a host has eight cards, and some have sixteen */
#define TURNS_MAX 16

static const char *find_script(const struct host *h)
{
	static const char *const usual[] = {
		"/usr/lib/nvidia/sriov-manage",   "/usr/bin/sriov-manage",
		"/usr/lib64/nvidia/sriov-manage", "/usr/libexec/nvidia/sriov-manage",
		"/usr/share/nvidia/sriov-manage", "/usr/sbin/sriov-manage",
	};

	if (h->sriov_manage)
		return h->sriov_manage;
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (faccessat(h->root, usual[i] + 1, X_OK, 0) == 0)
			return usual[i];
	return NULL;
}

bool sriov_script_is_there(const struct host *h)
{
	const char *script = find_script(h);

	return script && faccessat(h->root, script + 1, X_OK, 0) == 0;
}

/*
 * The script tells a stub driver to take every card with this vendor and device, and takes
 * that back afterwards: run for two cards at once, each takes the other's card ("File
 * exists", "No such device"). So the cards take turns, whatever process runs it. What they
 * lock is a folder that only root can open: whoever can read a file can lock it for ever.
 */
int sriov_script_turn(const struct host *h, uint64_t *end_ms)
{
	const char *script = find_script(h);
	uint64_t begin = clock_ms();
	uint64_t end = begin + (uint64_t)h->deadline_ms * TURNS_MAX;
	int fd;

	if (!script || access(script, F_OK) < 0)
		return script ? -errno : -ENOENT;
	fd = openat(h->run, "lock", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r = errno == EWOULDBLOCK ? -EBUSY : -errno;

		if (r != -EBUSY || clock_left(end) == 0) {
			close(fd);
			return r;
		}
		clock_sleep(POLL_MS);
	}
	*end_ms += clock_ms() - begin;
	return fd;
}

int sriov_script_run(const struct host *h, const char *card, bool enable, uint64_t end_ms)
{
	const char *script = find_script(h);
	const char *const argv[] = { script, enable ? "-e" : "-d", card, NULL };

	if (!script)
		return -ENOENT;
	return child_run(argv, (unsigned int)clock_left(end_ms), NULL, 0);
}
