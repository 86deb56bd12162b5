// SPDX-License-Identifier: GPL-2.0-or-later
/* libvirt.c - call the hook as libvirt does, untraced, and say how it answered */
#include "libvirt.h"

#include "../fake/command.h"

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGV_MAX 16

enum { OUT, ERR, ENDED, MODULES, N_WATCHED };

struct hook {
	pid_t pid;
	struct pollfd watched[N_WATCHED];
};

/* libvirt's words, behind what the hook is started by */
static void set_argv(const struct stage *st, const char *op, char *ret[static ARGV_MAX])
{
	bool end = strcmp(op, "stopped") == 0 || strcmp(op, "release") == 0;
	const char *const words[] = { st->hook, st->sc->name, op, end ? "end" : "begin",
				      "-",      NULL };
	size_t n = 0;

	for (const char *const *w = st->wrap; w && *w; w++)
		ret[n++] = (char *)*w;
	if (n + sizeof(words) / sizeof(words[0]) > ARGV_MAX)
		errx(1, "libvirt: too many words in front of the hook");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ret[n + i] = (char *)words[i];
}

static void start(const struct stage *st, const char *op, struct hook *h)
{
	char *argv[ARGV_MAX];
	int in[2], out[2], err_pipe[2], fds[3], listener;

	set_argv(st, op, argv);

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
	    pipe2(err_pipe, O_CLOEXEC) < 0)
		err(1, "libvirt: pipe");
	if (write(in[1], st->xml, strlen(st->xml)) != (ssize_t)strlen(st->xml))
		errx(1, "libvirt: the XML does not fit into a pipe");
	close(in[1]);
	fds[0] = in[0];
	fds[1] = out[1];
	fds[2] = err_pipe[1];
	h->pid = command_start(st->box, argv, fds, &listener);
	close(in[0]);
	close(out[1]);
	close(err_pipe[1]);
	h->watched[OUT] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	h->watched[ERR] = (struct pollfd){ .fd = err_pipe[0], .events = POLLIN };
	h->watched[ENDED] =
		(struct pollfd){ .fd = (int)syscall(SYS_pidfd_open, h->pid, 0),
				 .events = POLLIN };
	h->watched[MODULES] = (struct pollfd){ .fd = listener, .events = POLLIN };
}

static void finish(struct pollfd *p)
{
	close(p->fd);
	p->fd = -1;
}

/* Reads what there is; at the end of the file the pipe is done with. */
static size_t collect(struct pollfd *p, char *ret, size_t have, size_t size)
{
	char buf[512];
	ssize_t n = read(p->fd, buf, sizeof(buf));

	if (n <= 0) {
		finish(p);
		return have;
	}
	if (ret && have + (size_t)n < size) {
		memcpy(ret + have, buf, (size_t)n);
		ret[have + (size_t)n] = '\0';
	}
	return have + (size_t)n;
}

static bool is_done(const struct hook *h)
{
	return h->watched[OUT].fd < 0 && h->watched[ERR].fd < 0 &&
	       h->watched[ENDED].fd < 0;
}

static void look(const struct stage *st, struct hook *h, struct answer *a,
		 size_t *err_len)
{
	struct pollfd *w = h->watched;
	int status;

	if (w[MODULES].revents & POLLIN)
		command_answer(st->box, w[MODULES].fd);
	else if (w[MODULES].revents)
		finish(&w[MODULES]); /* nobody is left who could ask */
	if (w[OUT].revents)
		a->out = collect(&w[OUT], NULL, a->out, 0);
	if (w[ERR].revents)
		*err_len = collect(&w[ERR], a->err, *err_len, sizeof(a->err));
	if (w[ENDED].revents && waitpid(h->pid, &status, 0) == h->pid) {
		finish(&w[ENDED]);
		a->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	}
}

struct answer libvirt_calls(const struct stage *st, const char *op, unsigned int ms)
{
	struct answer a = { 0 };
	uint64_t begin = now_ms(), now;
	size_t err_len = 0;
	struct hook h;

	start(st, op, &h);
	while (!is_done(&h)) {
		now = now_ms();
		if (now - begin >= ms)
			break;
		if (poll(h.watched, N_WATCHED, (int)(ms - (now - begin))) > 0)
			look(st, &h, &a, &err_len);
	}
	a.late = !is_done(&h);
	a.ms = (unsigned int)(now_ms() - begin);
	if (h.watched[ENDED].fd >= 0)
		kill(h.pid, SIGKILL);
	for (int i = 0; i < N_WATCHED; i++)
		if (h.watched[i].fd >= 0)
			finish(&h.watched[i]);
	if (err_len && err_len < sizeof(a.err) && a.err[err_len - 1] == '\n')
		a.err[err_len - 1] = '\0';
	return a;
}
