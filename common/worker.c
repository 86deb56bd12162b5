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

#define VALUE_LEN  256
#define ANSWER_LEN 4097 /* an attribute has a page at most */

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
	char value[ANSWER_LEN];
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
 * Locks are held by open file descriptions, and libvirt waits for whoever has the hook's
 * standard streams: so a child that may hang must have none of them. The socket and the
 * root are moved to 3 and 4.
 */
static void isolate(int fd, int root)
{
	int s = fcntl(fd, F_DUPFD, 5), d = fcntl(root, F_DUPFD, 5);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (s < 0 || d < 0)
		_exit(1);
	for (int i = 0; i < 3; i++)
		if (null < 0 || dup2(null, i) < 0)
			close(i);
	if (dup2(s, 3) < 0 || dup2(d, 4) < 0)
		_exit(1);
	closefrom(5);
}

/* a child with a socket to it; 0 in the child, with the socket at 3, the root at 4 */
static pid_t start_child(const struct host *h, int *ret_fd)
{
	pid_t parent = getpid(), pid;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	r = -errno;
	if (pid == 0) {
		/* a parent that is killed must not leave a child that goes on writing */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
			_exit(1);
		isolate(pair[1], h->root);
		return 0;
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return r;
	}
	*ret_fd = pair[0];
	return pid;
}

/* one that hangs in the kernel is reaped by init, when it can be */
static void end_child(pid_t pid, int fd)
{
	close(fd);
	kill(pid, SIGKILL);
	for (int i = 0; i < 20 && waitpid(pid, NULL, WNOHANG) == 0; i++)
		clock_sleep(1);
}

/* 1 there is something to read, 0 the deadline has passed, or -errno */
static int wait_answer(int fd, uint64_t end)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int r;

	do
		r = poll(&p, 1, clock_left(end));
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

int worker_run(const struct host *h, int (*act)(void *data), void *data)
{
	uint64_t end = clock_ms() + h->deadline_ms;
	int fd = -1, answer = 0, r;
	pid_t pid = start_child(h, &fd);

	if (pid < 0)
		return pid;
	if (pid == 0) {
		answer = act(data);
		_exit(send(3, &answer, sizeof(answer), MSG_NOSIGNAL) < 0);
	}
	r = wait_answer(fd, end);
	if (r > 0)
		r = recv(fd, &answer, sizeof(answer), 0) == sizeof(answer) ? answer
									   : -EIO;
	else if (r == 0)
		r = -ETIME;
	end_child(pid, fd);
	return r;
}

static int worker_start(struct host *h)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->pid = start_child(h, &w->fd);
	if (w->pid == 0) {
		serve(3, 4);
		_exit(0);
	}
	if (w->pid < 0) {
		int r = w->pid;

		free(w);
		return r;
	}
	h->worker = w;
	return 0;
}

void worker_stop(struct host *h)
{
	struct worker *w = TAKE_PTR(h->worker);

	if (w)
		end_child(w->pid, w->fd);
	free(w);
}

void worker_retry(struct host *h)
{
	pid_t left;

	if (!h->n_silent)
		return;
	worker_stop(h);
	do
		left = waitpid(-1, NULL, WNOHANG);
	while (left > 0);
	if (left < 0)
		h->n_silent = 0;
}

static int worker_ask(struct host *h, const struct request *q, struct answer *ret)
{
	uint64_t end = clock_ms() + h->deadline_ms;
	int r = h->worker ? 0 : worker_start(h), fd;

	if (r < 0 || !h->worker)
		return r;
	fd = h->worker->fd;
	if (send(fd, q, sizeof(*q), MSG_NOSIGNAL) != (ssize_t)sizeof(*q))
		r = -EIO;
	else
		r = wait_answer(fd, end);
	if (r == 0)
		r = -ETIME;
	else if (r > 0)
		r = recv(fd, ret, sizeof(*ret), 0) == (ssize_t)sizeof(*ret) ? 0 : -EIO;
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
	if (r < 0)
		return r;
	if (a.r < 0) /* with these a worker says that it could not be had */
		return a.r == -EAGAIN || a.r == -ENOMEM ? -EIO : a.r;
	return text_copy(ret, size, a.value) < 0 ? -EFBIG : 0;
}
