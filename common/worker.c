// SPDX-License-Identifier: GPL-2.0-or-later
/* worker.c - sysfs accesses that may hang, done by a child that can be left behind */

#include "worker.h"

#include "clock.h"
#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define VALUE_LEN 256

struct worker {
	pid_t pid;
	int fd;
};

struct request {
	char op; /* 'r' or 'w' */
	char path[PATH_LEN];
	char value[VALUE_LEN];
};

struct answer {
	int r;
	char value[VALUE_LEN];
};

static void serve(int fd, int root)
{
	struct request q;

	while (recv(fd, &q, sizeof(q), 0) == (ssize_t)sizeof(q)) {
		struct answer a = { 0 };

		if (q.op == 'w') {
			a.r = file_write(root, q.path, q.value);
		} else {
			ssize_t n = file_read(root, q.path, a.value, sizeof(a.value));

			a.r = n < 0 ? (int)n : 0;
		}
		if (send(fd, &a, sizeof(a), MSG_NOSIGNAL) != (ssize_t)sizeof(a))
			return;
	}
}

/*
 * Locks are held by open file descriptions, so a child that hangs must have none: only
 * the socket and the root are kept, moved to 3 and 4.
 */
static void child(int fd, int root)
{
	int null, s, d;

	s = fcntl(fd, F_DUPFD, 5);
	d = fcntl(root, F_DUPFD, 5);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (s < 0 || d < 0)
		_exit(1);
	for (int i = 0; i < 3; i++)
		if (null < 0 || dup2(null, i) < 0)
			close(i);
	if (dup2(s, 3) < 0 || dup2(d, 4) < 0 || close_range(5, ~0U, 0) < 0)
		_exit(1);
	serve(3, 4);
	_exit(0);
}

static int worker_start(struct host *h)
{
	struct worker *w = calloc(1, sizeof(*w));
	pid_t parent = getpid();
	int pair[2];

	if (!w)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(w);
		return -errno;
	}
	w->pid = fork();
	if (w->pid == 0) {
		/*
		 * a parent that is killed must not leave a child that goes on writing
		 */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
			_exit(1);
		child(pair[1], h->root);
	}
	close(pair[1]);
	w->fd = pair[0];
	if (w->pid < 0) {
		int r = -errno;

		close(w->fd);
		free(w);
		return r;
	}
	h->worker = w;
	return 0;
}

void worker_stop(struct host *h)
{
	struct worker *w = TAKE_PTR(h->worker);

	if (!w)
		return;
	close(w->fd);
	kill(w->pid, SIGKILL);
	/* one that hangs in the kernel is reaped by init, when it can be */
	for (int i = 0; i < 20 && waitpid(w->pid, NULL, WNOHANG) == 0; i++)
		clock_sleep(1);
	free(w);
}

static int worker_ask(struct host *h, const struct request *q, struct answer *ret)
{
	uint64_t end = clock_ms() + h->deadline_ms;
	struct pollfd p = { .events = POLLIN };
	int r = h->worker ? 0 : worker_start(h);

	if (r < 0 || !h->worker)
		return r;
	p.fd = h->worker->fd;
	if (send(p.fd, q, sizeof(*q), MSG_NOSIGNAL) != (ssize_t)sizeof(*q))
		r = -EIO;
	else
		do
			r = poll(&p, 1, clock_left(end));
		while (r < 0 && errno == EINTR);
	if (r == 0)
		r = -ETIME;
	else if (r > 0)
		r = recv(p.fd, ret, sizeof(*ret), 0) == (ssize_t)sizeof(*ret) ? 0 : -EIO;
	if (r < 0)
		worker_stop(h);
	return r;
}

int worker_write(struct host *h, const char *path, const char *value)
{
	struct request q = { .op = 'w' };
	struct answer a = { 0 };
	int r = text_copy(q.path, sizeof(q.path), path);

	if (r == 0)
		r = text_copy(q.value, sizeof(q.value), value);
	if (r == 0)
		r = worker_ask(h, &q, &a);
	return r < 0 ? r : a.r;
}

int worker_read(struct host *h, const char *path, char *ret, size_t size)
{
	struct request q = { .op = 'r' };
	struct answer a = { 0 };
	int r = text_copy(q.path, sizeof(q.path), path);

	if (r == 0)
		r = worker_ask(h, &q, &a);
	if (r < 0 || a.r < 0)
		return r < 0 ? r : a.r;
	return text_copy(ret, size, a.value) < 0 ? -EFBIG : 0;
}
