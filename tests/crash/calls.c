// SPDX-License-Identifier: GPL-2.0-or-later
/* calls.c - which system calls change something that outlives the process */
#include "trace.h"

#include "../fake/filter.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_MAX_SHOWN 4096

/* Where the thing that is changed stands among the arguments */
enum shape {
	FD, /* arg: descriptor */
	PATH, /* arg: path */
	AT, /* arg: directory descriptor, the path after it */
	EXEC, /* arg: path; always counts */
	MODULE,
};

struct call {
	const char *name;
	enum shape shape;
	struct filter_call filter;
	unsigned int arg;
};

#define CALL(n, s, a)                       \
	{                                   \
#n, s, { SYS_##n, 0, 0 }, a \
	}

static const struct call calls[] = {
	CALL(write, FD, 0),
	CALL(pwrite64, FD, 0),
	CALL(writev, FD, 0),
	CALL(pwritev, FD, 0),
	CALL(pwritev2, FD, 0),
	CALL(sendfile, FD, 0),
	CALL(copy_file_range, FD, 2),
	CALL(splice, FD, 2),
	CALL(ftruncate, FD, 0),
	CALL(fallocate, FD, 0),
	CALL(fchmod, FD, 0),
	CALL(fchown, FD, 0),
	{ "openat", AT, { SYS_openat, 2, O_CREAT | O_TRUNC }, 0 },
	CALL(openat2, AT, 0),
	CALL(mkdirat, AT, 0),
	CALL(mknodat, AT, 0),
	CALL(unlinkat, AT, 0),
	CALL(symlinkat, AT, 1),
	CALL(linkat, AT, 2),
	CALL(renameat2, AT, 2),
	CALL(fchmodat, AT, 0),
	CALL(fchownat, AT, 0),
	CALL(truncate, PATH, 0),
#ifdef SYS_open /* calls that newer architectures do not have */
	{ "open", PATH, { SYS_open, 1, O_CREAT | O_TRUNC }, 0 },
	CALL(creat, PATH, 0),
	CALL(mkdir, PATH, 0),
	CALL(mknod, PATH, 0),
	CALL(unlink, PATH, 0),
	CALL(rmdir, PATH, 0),
	CALL(symlink, PATH, 1),
	CALL(link, PATH, 1),
	CALL(rename, PATH, 1),
	CALL(chmod, PATH, 0),
	CALL(chown, PATH, 0),
	CALL(lchown, PATH, 0),
#endif
#ifdef SYS_renameat
	CALL(renameat, AT, 2),
#endif
	CALL(execve, EXEC, 0),
	CALL(execveat, EXEC, 1),
	CALL(init_module, MODULE, 0),
	CALL(finit_module, MODULE, 0),
	CALL(delete_module, MODULE, 0),
};

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))

const struct filter_call *calls_filter(size_t *ret_n)
{
	static struct filter_call list[N_CALLS];

	for (size_t i = 0; i < N_CALLS; i++)
		list[i] = calls[i].filter;
	*ret_n = N_CALLS;
	return list;
}

bool calls_is_module(long nr)
{
	return nr == SYS_init_module || nr == SYS_finit_module || nr == SYS_delete_module;
}

/* The path of a descriptor as the sandbox sees it: "/run/x", "pipe:[1]" */
static void fd_path(const struct sandbox *box, pid_t pid, int fd, char *ret, size_t size)
{
	char link[SANDBOX_PATH_LEN + 64], path[PATH_MAX_SHOWN];
	const char *p = path;
	size_t root = strlen(box->root);
	ssize_t n;

	if (fd == AT_FDCWD)
		snprintf(link, sizeof(link), "%s/proc/%d/cwd", box->root, pid);
	else
		snprintf(link, sizeof(link), "%s/proc/%d/fd/%d", box->root, pid, fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	if (strncmp(p, box->root, root) == 0)
		p += root;
	snprintf(ret, size, "%s", p);
}

static void at_path(const struct sandbox *box, pid_t pid, int fd, uint64_t at, char *ret,
		    size_t size)
{
	char name[PATH_MAX_SHOWN];
	size_t len;

	if (!process_string(pid, at, name, sizeof(name)))
		snprintf(name, sizeof(name), "?");
	if (name[0] == '/') {
		snprintf(ret, size, "%s", name);
		return;
	}
	fd_path(box, pid, fd, ret, size);
	len = strlen(ret);
	snprintf(ret + len, size - len, "/%s", name);
}

/* Everything lasts but what is in these folders, and what has no path */
static bool lasts(const char *path)
{
	static const char *const short_lived[] = { "/dev/", "/proc/", "/tmp/" };

	for (size_t i = 0; i < sizeof(short_lived) / sizeof(short_lived[0]); i++)
		if (strncmp(path, short_lived[i], strlen(short_lived[i])) == 0)
			return false;
	/* a memory file shows as "/memfd:NAME (deleted)" */
	return path[0] == '/' && strncmp(path, "/memfd:", 7) != 0;
}

bool calls_describe(const struct sandbox *box, pid_t pid, long nr, const uint64_t args[6],
		    char *ret)
{
	char path[PATH_MAX_SHOWN] = "";
	const struct call *c;
	size_t i;

	for (i = 0; i < N_CALLS && calls[i].filter.nr != nr; i++)
		;
	if (i == N_CALLS)
		return false;
	c = &calls[i];
	switch (c->shape) {
	case FD:
		fd_path(box, pid, (int)args[c->arg], path, sizeof(path));
		break;
	case AT:
		at_path(box, pid, (int)args[c->arg], args[c->arg + 1], path,
			sizeof(path));
		break;
	case PATH:
	case EXEC:
		at_path(box, pid, AT_FDCWD, args[c->arg], path, sizeof(path));
		break;
	case MODULE:
		if (nr == SYS_delete_module)
			process_string(pid, args[0], path, sizeof(path));
		else
			fd_path(box, pid, (int)args[0], path, sizeof(path));
		break;
	}
	snprintf(ret, TRACE_WHAT_LEN, "%s %.200s", c->name, path);
	return c->shape >= EXEC || lasts(path);
}
