// SPDX-License-Identifier: GPL-2.0-or-later
/* limit.c - an end to a sandbox that does not end by itself */
#include "limit.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_LEN 64

static dev_t namespace_of(const char *process, ino_t *ret_ino)
{
	char path[PATH_LEN];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/pid", process);
	if (stat(path, &st) < 0)
		return 0;
	*ret_ino = st.st_ino;
	return st.st_dev;
}

/* The first line of a file in /proc, or "" */
static void first_line(const char *process, const char *name, char *ret, int size)
{
	char path[PATH_LEN];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", process, name);
	ret[0] = '\0';
	f = fopen(path, "re");
	if (f && fgets(ret, size, f))
		ret[strcspn(ret, "\n")] = '\0';
	if (f)
		fclose(f);
}

static void describe(const char *process)
{
	char stat_line[64], where[64], call[128];

	first_line(process, "stat", stat_line, sizeof(stat_line));
	first_line(process, "wchan", where, sizeof(where));
	first_line(process, "syscall", call, sizeof(call));
	printf("#    process %.50s... waits in %s; system call %s\n", stat_line,
	       where[0] ? where : "?", call[0] ? call : "?");
}

static void describe_all(pid_t first)
{
	char name[16];
	ino_t wanted = 0, ino = 0;
	struct dirent *e;
	dev_t dev;
	DIR *d;

	snprintf(name, sizeof(name), "%d", first);
	dev = namespace_of(name, &wanted);
	d = opendir("/proc");
	while (d && (e = readdir(d)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    namespace_of(e->d_name, &ino) == dev && ino == wanted)
			describe(e->d_name);
	if (d)
		closedir(d);
	fflush(stdout);
}

bool limit_wait(pid_t pid, unsigned int seconds, int *ret_status)
{
	struct pollfd p = { .events = POLLIN };
	bool in_time;

	p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (p.fd < 0)
		err(1, "limit: pidfd");
	in_time = poll(&p, 1, (int)seconds * 1000) == 1;
	close(p.fd);
	if (!in_time) {
		describe_all(pid);
		kill(pid, SIGKILL);
	}
	if (waitpid(pid, ret_status, 0) != pid)
		err(1, "limit: wait");
	return in_time;
}
