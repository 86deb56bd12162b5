/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent.c - the end of the command channel inside the lab: runs scripts that come over a virtio-serial port */

/*
 * Theory of operation
 *
 * One client at a time speaks over the port, in bytes:
 *
 *   client: HELLO <nonce>\n                         agent: \nHELLO <nonce>\n
 *   client: RUN <script> <stdin> <seconds> <sum>\n  and then as many bytes of script and standard input
 *   agent:  O <n>\n<bytes>  E <n>\n<bytes> ...      X <status>\n
 *
 * The port is a stream without sessions: what a dead client sent or did not read is still in it. So the client drops
 * everything up to the answer to its own nonce, and a body whose sum is wrong is not run. The kernel says POLLHUP
 * while nobody is connected: then the running script is killed with its process group, and the agent sleeps until
 * SIGIO, which the port sends when a client comes or goes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN	128
#define BODY_MAX	(64u << 20)	/* a build with sanitizers, packed, is about 10 MiB */
#define STALL_MS	5000		/* a body that stops coming for so long is a dead client's */
#define STATUS_TIMEOUT	124		/* as timeout(1) */

struct request {
	char *script, *input;
	size_t script_len, input_len;
	long seconds;
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static uint64_t sum_fnv(uint64_t sum, const char *p, size_t len)
{
	while (len--)
		sum = (sum ^ (unsigned char)*p++) * 0x100000001b3ull;
	return sum;
}

/**
 * port_wait() - Wait until the port can be read or written
 * @fd:      Port, non-blocking
 * @events:  POLLIN or POLLOUT
 * @ms:      Limit in milliseconds, -1 for none
 *
 * Return: 0, -EPIPE when no client is connected, -ETIME when the limit has passed
 */
static int port_wait(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n = poll(&p, 1, ms);

	if (n == 0)
		return -ETIME;
	if (n > 0 && (p.revents & events))
		return 0;
	return -EPIPE;
}

static int port_read(int fd, char *buf, size_t len, int stall_ms)
{
	while (len) {
		ssize_t n;
		int r = port_wait(fd, POLLIN, stall_ms);

		if (r < 0)
			return r;
		n = read(fd, buf, len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return -EPIPE;
		buf += n;
		len -= n;
	}
	return 0;
}

static int port_write(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			int r = port_wait(fd, POLLOUT, -1);

			if (r < 0)
				return r;
			continue;
		}
		if (n <= 0)
			return -EPIPE;
		buf += n;
		len -= n;
	}
	return 0;
}

static int port_frame(int fd, char kind, const char *buf, size_t len)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "%c %zu\n", kind, len);
	int r = port_write(fd, head, n);

	return r < 0 ? r : port_write(fd, buf, len);
}

static int file_of(const char *buf, size_t len, const char *name)
{
	int fd = memfd_create(name, 0);

	while (fd >= 0 && len) {
		ssize_t n = write(fd, buf, len);

		if (n <= 0)
			return -1;
		buf += n;
		len -= n;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static pid_t job_start(const struct request *rq, int out, int err)
{
	int script = file_of(rq->script, rq->script_len, "script");
	int input = file_of(rq->input, rq->input_len, "stdin");
	char path[32];
	sigset_t none;
	pid_t pid = fork();

	if (pid) {
		close(script);
		close(input);
		return pid;
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(input, 0);
	dup2(out, 1);
	dup2(err, 2);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", script);
	if (chdir("/root") < 0)
		_exit(127);
	clearenv();
	setenv("HOME", "/root", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	execl("/bin/bash", "bash", path, (char *)NULL);
	_exit(127);
}

/* Pass on what has come so far; false when there is no more for now. */
static bool job_pump(int port, int from, char kind, int *ret_err)
{
	char buf[16384];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n <= 0)
		return false;
	*ret_err = port_frame(port, kind, buf, n);
	return *ret_err == 0;
}

/*
 * A daemon that the script started may keep the pipes open for ever: the script's end is the end, after what it had
 * written by then.
 */
static int job_run(int port, const struct request *rq)
{
	int out[2], err[2], pidfd, status = 0, r = 0;
	long long end = now_ms() + rq->seconds * 1000;
	bool done = false;
	char line[32];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		return -errno;
	pid = job_start(rq, out[1], err[1]);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);

	while (!done && r == 0) {
		struct pollfd p[4] = {
			{ .fd = out[0], .events = POLLIN }, { .fd = err[0], .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN }, { .fd = port, .events = 0 },
		};
		long long left = end - now_ms();

		if (left <= 0) {
			r = -ETIME;
			break;
		}
		/* An end that was closed says POLLHUP for ever: look at the child's end alone then. */
		if (out[0] < 0 && err[0] < 0)
			p[0].fd = p[1].fd = -1;
		if (poll(p, 4, left > 60000 ? 60000 : (int)left) < 0)
			continue;
		if (p[3].revents & POLLHUP)
			r = -EPIPE;
		done = p[2].revents & POLLIN;
		for (int i = 0; i < 2 && r == 0; i++) {
			int *fd = i ? &err[0] : &out[0];

			while (*fd >= 0 && job_pump(port, *fd, i ? 'E' : 'O', &r))
				;
			if (!done && p[i].fd >= 0 && (p[i].revents & POLLHUP) && !(p[i].revents & POLLIN)) {
				close(*fd);
				*fd = -1;
			}
		}
	}
	if (r != 0)
		kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(pidfd);
	if (out[0] >= 0)
		close(out[0]);
	if (err[0] >= 0)
		close(err[0]);
	if (r == -EPIPE)
		return r;
	status = r ? STATUS_TIMEOUT : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	snprintf(line, sizeof(line), "X %d\n", status);
	return port_write(port, line, strlen(line));
}

static int request_run(int port, const char *line)
{
	struct request rq = { 0 };
	unsigned long long sum;
	int r = -EBADMSG;

	if (sscanf(line, "RUN %zu %zu %ld %llx", &rq.script_len, &rq.input_len, &rq.seconds, &sum) != 4 ||
	    rq.script_len > BODY_MAX || rq.input_len > BODY_MAX)
		return r;
	rq.script = malloc(rq.script_len + 1);
	rq.input = malloc(rq.input_len + 1);
	if (rq.script && rq.input) {
		r = port_read(port, rq.script, rq.script_len, STALL_MS);
		if (r == 0)
			r = port_read(port, rq.input, rq.input_len, STALL_MS);
		if (r == 0 && sum_fnv(sum_fnv(0xcbf29ce484222325ull, rq.script, rq.script_len),
				      rq.input, rq.input_len) == sum)
			r = job_run(port, &rq);
	}
	free(rq.script);
	free(rq.input);
	return r;
}

static int line_read(int port, char line[static LINE_MAX_LEN])
{
	size_t n = 0;

	for (;;) {
		int r = port_read(port, line + n, 1, -1);

		if (r < 0)
			return r;
		if (line[n] == '\n')
			break;
		if (n < LINE_MAX_LEN - 1)
			n++;
	}
	line[n] = '\0';
	return 0;
}

static void client_wait(void)
{
	const struct timespec lost_signal = { .tv_sec = 1 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigtimedwait(&set, NULL, &lost_signal);
}

int main(int argc, char **argv)
{
	char line[LINE_MAX_LEN], answer[LINE_MAX_LEN + 8];
	sigset_t set;
	int port;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	port = open(argc > 1 ? argv[1] : "/dev/virtio-ports/lab.0", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (port < 0 || fcntl(port, F_SETOWN, getpid()) < 0 ||
	    fcntl(port, F_SETFL, O_NONBLOCK | O_ASYNC) < 0) {
		perror("lab-agent: port");
		return 1;
	}
	for (;;) {
		int r = line_read(port, line);

		if (r == -EPIPE) {
			client_wait();
		} else if (r == 0 && strncmp(line, "HELLO ", 6) == 0) {
			snprintf(answer, sizeof(answer), "\n%s\n", line);
			port_write(port, answer, strlen(answer));
		} else if (r == 0) {
			request_run(port, line);
		}
	}
}
