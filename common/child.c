// SPDX-License-Identifier: GPL-2.0-or-later
/* child.c - run a program with an argument vector, a fixed environment and a deadline */

#include "child.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 5 /* systemctl takes some ms anyway */
#define REAP_MS 200

static const char *const environment[] = {
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C",
	NULL,
};

static int spawn(const char *const argv[], int out, pid_t *ret)
{
	posix_spawn_file_actions_t a;
	posix_spawnattr_t at;
	sigset_t none, ignored;
	int r;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&a);
	posix_spawnattr_init(&at);
	/* a hook ignores SIGPIPE, and what is ignored would be inherited */
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigdefault(&at, &ignored);
	posix_spawnattr_setsigmask(&at, &none);
	r = posix_spawn_file_actions_addopen(&a, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&a, STDERR_FILENO, "/dev/null",
						     O_WRONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&a, out, STDOUT_FILENO);
	/* what is ours is closed by itself; what we have of others would be handed on */
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(&a, STDERR_FILENO + 1);
	if (r == 0)
		r = posix_spawn(ret, argv[0], &a, &at, (char *const *)argv,
				(char *const *)environment);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&a);
	return -r;
}

/* poll(2) until a point in time, whatever signals come */
static int wait_for(struct pollfd *p, uint64_t end)
{
	int r;

	do
		r = poll(p, 1, clock_left(end));
	while (r < 0 && errno == EINTR);
	return r;
}

/*
 * Output is read until the other end is closed or the deadline passes; what does not fit
 * is dropped.
 */
static void collect(int fd, uint64_t end, char *ret, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t have = 0;

	for (;;) {
		char buf[1024];
		ssize_t n;

		if (wait_for(&p, end) <= 0)
			break;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n && have + 1 < size; i++)
			ret[have++] = buf[i];
	}
	if (have > 0 && ret[have - 1] == '\n')
		have--;
	if (size > 0)
		ret[have] = '\0';
}

/* without pidfd_open(2), as before Linux 5.3 or below a filter, it is polled */
static bool polls_late(pid_t pid, uint64_t end)
{
	siginfo_t ended = { .si_pid = 0 };

	while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       ended.si_pid == 0) {
		if (clock_left(end) == 0)
			return true;
		clock_sleep(POLL_MS);
	}
	return false;
}

static bool is_late(pid_t pid, uint64_t end)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool late;

	if (fd < 0)
		return polls_late(pid, end);
	late = wait_for(&p, end) == 0;
	close(fd);
	return late;
}

/*
 * A program that sleeps in the kernel (nvidia-smi, a card that does not answer) ends when
 * the kernel lets it go. It is not waited for: init reaps it.
 */
static int abandon(pid_t pid)
{
	kill(pid, SIGKILL);
	for (int i = 0; i < REAP_MS / POLL_MS && waitpid(pid, NULL, WNOHANG) == 0; i++)
		clock_sleep(POLL_MS);
	return -ETIME;
}

static int wait_until(pid_t pid, uint64_t end)
{
	int status;

	if (is_late(pid, end))
		return abandon(pid);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

int child_run(const char *const argv[], unsigned int deadline_ms, char *ret, size_t size)
{
	uint64_t end = clock_ms() + deadline_ms;
	pid_t pid = -1;
	int out[2], r;

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	r = spawn(argv, out[1], &pid);
	close(out[1]);
	if (r == 0) {
		collect(out[0], end, ret, size);
		r = wait_until(pid, end);
	}
	close(out[0]);
	return r;
}
