/* SPDX-License-Identifier: GPL-2.0-or-later */
/* small.h - what the programs share that are linked with no library: gates and watch */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* a file for each running VM that has forwards, see book.h */
#define SMALL_FORWARDS "/run/virt-handoff/forwards"
/* a file for each bridge whose route_localnet we have switched on, see localnet.h */
#define SMALL_LOCALNET "/run/virt-handoff/localnet"

/**
 * small_has_files() - Say whether there is anything in a folder
 * @folder:  Its path; false when it cannot be read
 */
static inline bool small_has_files(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	bool found = false;

	if (!d)
		return false;
	while (!found && (e = readdir(d)))
		found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return found;
}

/**
 * small_is_copy() - Say whether this program runs as a copy of a hook, not as the hook
 * @path:    argv[0]
 *
 * libvirt runs whatever is executable in qemu.d: also NAME.dpkg-new and "NAME;5f3e..." of
 * package managers while they upgrade, and what editors leave. Those would hand over twice.
 */
static inline bool small_is_copy(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strpbrk(slash ? slash + 1 : path, ".;~") != NULL;
}

/**
 * small_exec() - Become another program
 * @program: Its path
 *
 * Anybody may have set our environment: it gets a fixed one. Comes back only when it
 * cannot be started, with the reason in errno.
 */
static inline void small_exec(const char *program, char *const argv[])
{
	char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
				      NULL };

	execve(program, argv, environment);
}
