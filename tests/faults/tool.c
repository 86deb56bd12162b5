// SPDX-License-Identifier: GPL-2.0-or-later
/* tool.c - what soak and kills share: chance, time, files, programs that are run, text that grows */

#include "tool.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READ_MAX (1u << 20)

void text_add(struct text *t, const char *format, ...)
{
	char *more;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&more, format, ap);
	va_end(ap);
	if (n < 0 || !(t->s = realloc(t->s, t->len + (size_t)n + 1)))
		fail("no memory");
	memcpy(t->s + t->len, more, (size_t)n + 1);
	t->len += (size_t)n;
	free(more);
}

static void text_add_fd(struct text *t, int fd)
{
	char buf[4096];
	ssize_t n;

	while (t->len < READ_MAX && (n = read(fd, buf, sizeof(buf))) > 0)
		text_add(t, "%.*s", (int)n, buf);
}

bool text_read(struct text *t, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	text_add_fd(t, fd);
	close(fd);
	return true;
}

void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}

void fail(const char *format, ...)
{
	struct text line = { 0 };
	char *more;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&more, format, ap) < 0)
		more = NULL;
	va_end(ap);
	text_add(&line, "FAIL: %s\n", more ?: "no memory");
	fputs(line.s, stdout);
	fflush(stdout);
	_exit(1);
}

/* splitmix64: small, and the same on every machine */
static uint64_t chance_state;

void chance_seed(uint64_t seed)
{
	chance_state = seed;
}

unsigned int chance(unsigned int n)
{
	uint64_t z = (chance_state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (unsigned int)((z ^ (z >> 31)) >> 32) % n;
}

double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

void sleep_ms(double ms)
{
	struct timespec t = { .tv_sec = (time_t)(ms / 1000) };

	t.tv_nsec = (long)((ms - (double)t.tv_sec * 1000) * 1e6);
	nanosleep(&t, NULL);
}

int file_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), r = 0;
	ssize_t len = (ssize_t)strlen(text);

	if (fd < 0 || write(fd, text, (size_t)len) != len)
		r = -errno;
	if (fd >= 0)
		close(fd);
	return r;
}

void file_line(const char *path, char *ret, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, ret, size - 1);

	if (fd >= 0)
		close(fd);
	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

void link_name(const char *path, char *ret, size_t size)
{
	char target[512];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	snprintf(ret, size, "%s", n > 0 ? strrchr(target, '/') + 1 : "-");
}

/* what virCommandAddEnvPassCommon() leaves of systemd's environment */
static char *const environment[] = {
	"LC_ALL=C",
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	NULL,
};

static void child(const struct run *r, char *const argv[], int in, int out)
{
	char word[64];

	snprintf(word, sizeof(word), "exec %s", r->profile ? r->profile : "");
	if (r->profile && file_put("/proc/self/attr/apparmor/exec", word) < 0)
		err(126, "AppArmor's profile %s", r->profile);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	syscall(SYS_close_range, 3, ~0U, 0);
	execve(argv[0], argv, environment);
	err(127, "%s", argv[0]);
}

void run_begin(struct run *r, char *const argv[], const char *input)
{
	size_t len = input ? strlen(input) : 0;
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		fail("no pipe");
	/* it fits into the pipe: nobody waits for a reader that is killed */
	if (len && (fcntl(in[1], F_SETPIPE_SZ, (int)len + 1) < 0 ||
		    write(in[1], input, len) != (ssize_t)len))
		fail("no pipe");
	close(in[1]);
	/* what it says is read when it has ended */
	fcntl(out[1], F_SETPIPE_SZ, (int)READ_MAX);
	r->pid = fork();
	if (r->pid < 0)
		fail("no process");
	if (r->pid == 0)
		child(r, argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	r->out = out[0];
}

/* what it has left behind may have its standard output: that is not waited for */
int run_end(struct run *r, struct text *said)
{
	struct text dropped = { 0 };
	int status;

	while (waitpid(r->pid, &status, 0) < 0)
		if (errno != EINTR)
			fail("waitpid");
	fcntl(r->out, F_SETFL, O_NONBLOCK);
	text_add_fd(said ? said : &dropped, r->out);
	text_free(&dropped);
	close(r->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int run_at(struct run *r, char *const argv[], const char *input, double ms,
	   struct text *said)
{
	run_begin(r, argv, input);
	if (ms >= 0) {
		struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, r->pid, 0),
				    .events = POLLIN };
		struct timespec t = { .tv_sec = (time_t)(ms / 1000) };

		t.tv_nsec = (long)((ms - (double)t.tv_sec * 1000) * 1e6);
		if (ppoll(&p, 1, &t, NULL) == 0)
			kill(r->pid, SIGKILL);
		close(p.fd);
	}
	return run_end(r, said);
}

int run_quietly(struct text *said, const char *program, ...)
{
	char *argv[32] = { (char *)program };
	struct run r = { 0 };
	size_t n = 1;
	va_list ap;

	va_start(ap, program);
	while (n < 31 && (argv[n] = va_arg(ap, char *)))
		n++;
	va_end(ap);
	run_begin(&r, argv, NULL);
	return run_end(&r, said);
}
