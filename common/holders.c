// SPDX-License-Identifier: GPL-2.0-or-later
/* holders.c - the processes that have a device open, by pid, command and systemd unit */

#include "holders.h"

#include "file.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAPS_MAX	(8u << 20)	/* a process with 50,000 mappings has 5 MB */

struct search {
	const struct nodes *nodes;
	struct holder *ret;
	size_t n;
	int proc;	/* proc */
	int fds;	/* proc/PID/fd */
};

static bool is_wanted(const struct nodes *nodes, const struct stat *st)
{
	if (!S_ISCHR(st->st_mode) && !S_ISBLK(st->st_mode))
		return false;
	return nodes_have(nodes, st->st_rdev, S_ISBLK(st->st_mode));
}

/*
 * stat(2) of every descriptor of every process would be slow, and may block on a dead NFS mount: the text of the link
 * says whether it can be a device at all. A node that was removed and made again still begins with /dev.
 */
static int check_fd(const char *name, void *data)
{
	struct search *s = data;
	struct stat st;
	char target[32];
	ssize_t n = readlinkat(s->fds, name, target, sizeof(target));

	if (n < 5 || memcmp(target, "/dev/", 5) != 0)
		return 0;
	return fstatat(s->fds, name, &st, 0) == 0 && is_wanted(s->nodes, &st);
}

/* A mapping outlives the descriptor that it was made from. */
static bool maps_hold(const struct search *s, const char *pid)
{
	CLEANUP(close_fd) int fd = -1;
	CLEANUP(free_ptr) char *text = NULL;
	char path[32];

	if (text_format(path, sizeof(path), "%s/maps", pid) < 0)
		return false;
	fd = openat(s->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || file_read_all(fd, MAPS_MAX, &text) < 0)
		return false;
	for (char *p = text; (p = strstr(p, " /dev/")); p++) {
		char *end = strchrnul(p, '\n'), kept = *end;
		struct stat st;
		bool wanted;

		*end = '\0';
		wanted = stat(p + 1, &st) == 0 && is_wanted(s->nodes, &st);
		*end = kept;
		if (wanted)
			return true;
	}
	return false;
}

/* the innermost unit: "0::/user.slice/user-1000.slice/user@1000.service/app.slice/pipewire.service" */
static void find_unit(int proc, const char *pid, char *ret, size_t size)
{
	char path[32], text[1024];
	char *p;

	ret[0] = '\0';
	if (text_format(path, sizeof(path), "%s/cgroup", pid) < 0 || file_read(proc, path, text, sizeof(text)) < 0)
		return;
	p = strstr(text, "0::/");
	if (!p)
		p = strstr(text, "name=systemd:/");
	if (!p)
		return;
	*strchrnul(p, '\n') = '\0';
	while ((p = strrchr(text, '/'))) {
		if ((strstr(p, ".service") || strstr(p, ".scope")) && text_copy(ret, size, p + 1) == 0)
			return;
		*p = '\0';
	}
}

static void add_holder(struct search *s, const char *pid, uint64_t number)
{
	struct holder *x = &s->ret[s->n++];
	char path[32];

	*x = (struct holder){ .pid = (pid_t)number };
	if (text_format(path, sizeof(path), "%s/comm", pid) < 0 ||
	    file_read(s->proc, path, x->command, sizeof(x->command)) < 0)
		x->command[0] = '\0';
	find_unit(s->proc, pid, x->unit, sizeof(x->unit));
}

static int check_process(const char *name, void *data)
{
	struct search *s = data;
	char path[32];
	uint64_t pid;
	int r;

	if (!isdigit((unsigned char)name[0]) || text_number(name, INT32_MAX, &pid) < 0 || pid == (uint64_t)getpid())
		return 0;
	if (text_format(path, sizeof(path), "%s/fd", name) < 0)
		return 0;
	s->fds = openat(s->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fds < 0)
		return 0;
	r = file_each(s->fds, ".", check_fd, s);
	close(s->fds);
	if (r > 0 || maps_hold(s, name))
		add_holder(s, name, pid);
	return s->n == HOLDERS_MAX;
}

int holders_find(const struct host *h, const struct nodes *nodes, struct holder ret[static HOLDERS_MAX],
		 size_t *ret_n)
{
	CLEANUP(close_fd) int proc = -1;
	struct search s = { .nodes = nodes, .ret = ret };
	int r = 0;

	if (nodes->n > 0) {
		proc = openat(h->root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (proc < 0)
			return -errno;
		s.proc = proc;
		r = file_each(proc, ".", check_process, &s);
	}
	if (r < 0)
		return r;
	*ret_n = s.n;
	return 0;
}

void holders_describe(const struct holder *holder, size_t n, char *ret, size_t size)
{
	size_t have = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < n && have < size; i++) {
		const struct holder *x = &holder[i];
		int w;

		if (x->unit[0])
			w = snprintf(ret + have, size - have, "%s%s (pid %d, %s)", i ? ", " : "", x->unit, (int)x->pid, x->command);
		else
			w = snprintf(ret + have, size - have, "%s%s (pid %d)", i ? ", " : "", x->command, (int)x->pid);
		if (w < 0)
			break;
		have += (size_t)w;
	}
}
