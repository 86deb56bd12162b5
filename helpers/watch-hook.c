// SPDX-License-Identifier: GPL-2.0-or-later
/* watch-hook.c - the watch runs the network hook, and hears how it went */

#include "watch-hook.h"

#include "small.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#define EXIT_NOT_STARTED 127

pid_t hook_start(const char *path, const char *task, bool again)
{
	char *argv[] = { "network", "-", "watch", (char *)task, again ? "again" : "-",
			 NULL };
	pid_t hook = fork();

	if (hook == 0) {
		small_exec(path, argv);
		_exit(EXIT_NOT_STARTED);
	}
	return hook;
}

int hook_wait(pid_t hook, char *ret_why, size_t len)
{
	siginfo_t how = { 0 };

	while (waitid(P_PID, (id_t)hook, &how, WEXITED | WNOWAIT) < 0) {
		if (errno == EINTR)
			continue;
		snprintf(ret_why, len, "cannot be waited for: %s", strerror(errno));
		return -1;
	}
	if (how.si_code != CLD_EXITED) {
		snprintf(ret_why, len, "was ended by signal %d", how.si_status);
		return -1;
	}
	if (how.si_status == 0 || how.si_status == HOOK_CHANGED)
		return how.si_status;
	if (how.si_status == EXIT_NOT_STARTED)
		snprintf(ret_why, len, "cannot be started, install virt-handoff again");
	else
		snprintf(ret_why, len, "failed with exit status %d", how.si_status);
	return -1;
}

void hook_forget(pid_t hook)
{
	while (waitpid(hook, NULL, 0) < 0 && errno == EINTR)
		;
}
