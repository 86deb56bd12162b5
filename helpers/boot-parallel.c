// SPDX-License-Identifier: GPL-2.0-or-later
/* boot-parallel.c - the same for several GPUs side by side */

#include "boot.h"

#include "log.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* 1 when a child was started */
static int start(size_t i, int (*act)(size_t i, void *data), void *data)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0) {
		log_errno(-errno, "no process can be made");
		return 0;
	}
	if (pid > 0)
		return 1;
	/* who is killed must not leave children that go on writing */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	_exit(act(i, data) < 0);
}

unsigned int in_parallel(size_t n, int (*act)(size_t i, void *data), void *data)
{
	unsigned int failed = 0;
	size_t running = 0;
	int status;

	for (size_t i = 0; i < n; i++) {
		int started = start(i, act, data);

		running += (size_t)started;
		failed += !started;
	}
	while (running > 0) {
		if (wait(&status) < 0 && errno == EINTR)
			continue;
		running--;
		failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	}
	return failed;
}
