// SPDX-License-Identifier: GPL-2.0-or-later
/* boot-parallel.c - the same for several GPUs side by side */

#include "boot.h"

#include "base.h"
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* -1 when no child was started */
static pid_t start(size_t i, int (*act)(size_t i, void *data), void *data)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0) {
		log_errno(-errno, "no process can be made");
		return -1;
	}
	if (pid > 0)
		return pid;
	/* who is killed must not leave children that go on writing */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	_exit(act(i, data) < 0);
}

/* Each by its number: a worker that hung and was left behind is a child of ours too. */
static bool has_failed(pid_t pid)
{
	int status;
	pid_t r;

	do
		r = waitpid(pid, &status, 0);
	while (r < 0 && errno == EINTR);
	return r < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

unsigned int in_parallel(size_t n, int (*act)(size_t i, void *data), void *data)
{
	CLEANUP(free_ptr) pid_t *pid = calloc(n + 1, sizeof(*pid));
	unsigned int failed = 0;

	if (!pid) {
		log_errno(-ENOMEM, "nothing was done on any GPU");
		return (unsigned int)n;
	}
	for (size_t i = 0; i < n; i++)
		pid[i] = start(i, act, data);
	for (size_t i = 0; i < n; i++)
		failed += pid[i] < 0 || has_failed(pid[i]);
	return failed;
}
