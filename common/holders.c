// SPDX-License-Identifier: GPL-2.0-or-later
/* holders.c - the processes that have a device open, by pid, command and systemd unit */

#include "holders.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAPS_MAX (8u << 20) /* a process with 50,000 mappings has 5 MB */

struct search {
	struct holders *asked;
	size_t n;
	int proc; /* proc */
	int fds; /* proc/PID/fd */
	const char *pid;
	uint64_t number;
};

static void note_holder(struct search *s, struct holders *q);

static void check_node(struct search *s, const struct stat *st)
{
	if (!S_ISCHR(st->st_mode) && !S_ISBLK(st->st_mode))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (nodes_have(s->asked[i].nodes, st->st_rdev, S_ISBLK(st->st_mode)))
			note_holder(s, &s->asked[i]);
}

/*
 * stat(2) of every descriptor of every process would be slow, and may block on a dead NFS
 * mount: the text of the link says whether it can be a device at all. A node that was
 * removed and made again still begins with /dev.
 */
static int check_fd(const char *name, void *data)
{
	struct search *s = data;
	struct stat st;
	char target[32];
	ssize_t n = readlinkat(s->fds, name, target, sizeof(target));

	if (n >= 5 && memcmp(target, "/dev/", 5) == 0 &&
	    fstatat(s->fds, name, &st, 0) == 0)
		check_node(s, &st);
	return 0;
}

/* A mapping outlives the descriptor that it was made from. */
static void check_maps(struct search *s)
{
	CLEANUP(close_fd) int fd = -1;
	CLEANUP(free_ptr) char *text = NULL;
	char path[32];

	if (text_format(path, sizeof(path), "%s/maps", s->pid) < 0)
		return;
	fd = openat(s->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || file_read_all(fd, MAPS_MAX, &text) < 0)
		return;
	for (char *p = text; (p = strstr(p, " /dev/")); p++) {
		char *end = strchrnul(p, '\n'), kept = *end;
		struct stat st;

		*end = '\0';
		if (stat(p + 1, &st) == 0)
			check_node(s, &st);
		*end = kept;
	}
}

/*
 * the innermost unit:
 * "0::/user.slice/user-1000.slice/user@1000.service/app.slice/pipewire.service"
 */
static void find_unit(int proc, const char *pid, struct holder *x)
{
	char path[32], text[1024];
	char *p;

	if (text_format(path, sizeof(path), "%s/cgroup", pid) < 0 ||
	    file_read(proc, path, text, sizeof(text)) < 0)
		return;
	p = strstr(text, "0::/");
	if (!p)
		p = strstr(text, "name=systemd:/");
	if (!p)
		return;
	*strchrnul(p, '\n') = '\0';
	while ((p = strrchr(text, '/'))) {
		if ((strstr(p, ".service") || strstr(p, ".scope")) &&
		    text_copy(x->unit, sizeof(x->unit), p + 1) == 0)
			break;
		*p = '\0';
	}
	if (p)
		*p = '\0';
	x->user = p && strstr(text, "/user@");
}

static void note_holder(struct search *s, struct holders *q)
{
	struct holder *x = &q->holder[q->n];
	char path[32], comm[32]; /* a name of 15 bytes has a newline too */

	if (q->n == HOLDERS_MAX ||
	    (q->n > 0 && q->holder[q->n - 1].pid == (pid_t)s->number))
		return;
	*x = (struct holder){ .pid = (pid_t)s->number };
	if (text_format(path, sizeof(path), "%s/comm", s->pid) < 0 ||
	    file_read(s->proc, path, comm, sizeof(comm)) < 0 ||
	    text_copy(x->command, sizeof(x->command), comm) < 0)
		x->command[0] = '\0';
	find_unit(s->proc, s->pid, x);
	q->n++;
}

static int check_process(const char *name, void *data)
{
	struct search *s = data;
	char path[32];
	int r;

	if (text_number(name, INT32_MAX, &s->number) < 0 ||
	    s->number == (uint64_t)getpid() ||
	    text_format(path, sizeof(path), "%s/fd", name) < 0)
		return 0;
	s->pid = name;
	s->fds = openat(s->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fds < 0)
		return 0;
	r = file_each(s->fds, ".", check_fd, s);
	close(s->fds);
	check_maps(s);
	return r == -ENOMEM ? r : 0; /* the process may end while it is looked at */
}

int holders_find(const struct host *h, struct holders *asked, size_t n)
{
	CLEANUP(close_fd) int proc = -1;
	struct search s = { .asked = asked, .n = n };
	size_t nodes = 0;

	for (size_t i = 0; i < n; i++) {
		asked[i].n = 0;
		nodes += asked[i].nodes->n;
	}
	if (nodes == 0)
		return 0;
	proc = openat(h->root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return -errno;
	s.proc = proc;
	return file_each(proc, ".", check_process, &s);
}

int holders_any(const struct host *h, const struct nodes *nodes)
{
	struct holders q = { .nodes = nodes };
	int r = holders_find(h, &q, 1);

	return r < 0 ? r : q.n > 0;
}

void holders_describe(const struct holder *holder, size_t n, char *ret, size_t size)
{
	size_t have = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < n && have < size; i++) {
		const struct holder *x = &holder[i];
		int w;

		if (x->unit[0])
			w = snprintf(ret + have, size - have, "%s%s (pid %d, %s)",
				     i ? ", " : "", x->unit, (int)x->pid, x->command);
		else
			w = snprintf(ret + have, size - have, "%s%s (pid %d)",
				     i ? ", " : "", x->command, (int)x->pid);
		if (w < 0)
			break;
		have += (size_t)w;
	}
}
