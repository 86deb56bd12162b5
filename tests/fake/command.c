// SPDX-License-Identifier: GPL-2.0-or-later
/* command.c - run a program in a sandbox, untraced, with its module calls caught */
#include "command.h"

#include "filter.h"

#include <err.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct filter_call module_calls[] = {
	{ SYS_init_module, 0, 0 },
	{ SYS_finit_module, 0, 0 },
	{ SYS_delete_module, 0, 0 },
};

/* In the new process: says the number of the listener, and waits until it was copied */
static void child(const struct sandbox *s, char *const argv[], const int fds[3], int up,
		  int down)
{
	int number;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sandbox_enter(s);
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			_exit(126);
	number = filter_install(module_calls, 3, SECCOMP_RET_USER_NOTIF);
	if (write(up, &number, sizeof(number)) < 0 || read(down, &byte, 1) < 0)
		_exit(126);
	close_range(3, ~0U, 0);
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

pid_t command_start(const struct sandbox *s, char *const argv[], const int fds[3],
		    int *listener)
{
	int number, up[2], down[2], pidfd;
	pid_t pid;

	if (pipe2(up, O_CLOEXEC) < 0 || pipe2(down, O_CLOEXEC) < 0)
		err(1, "command: pipe");
	pid = fork();
	if (pid == 0) {
		close(up[0]);
		close(down[1]);
		child(s, argv, fds, up[1], down[0]);
	}
	close(up[1]);
	close(down[0]);
	if (pid < 0 || read(up[0], &number, sizeof(number)) != sizeof(number))
		errx(1, "command: %s did not start", argv[0]);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	*listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	if (*listener < 0)
		err(1, "command: seccomp listener");
	close(pidfd);
	close(up[0]);
	close(down[1]); /* now it goes on */
	return pid;
}

void command_answer(const struct sandbox *s, int listener)
{
	struct seccomp_notif q = { 0 };
	struct seccomp_notif_resp a = { 0 };
	uint64_t args[6];

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &q) < 0)
		return; /* it was killed meanwhile */
	for (int i = 0; i < 6; i++)
		args[i] = q.data.args[i];
	a.id = q.id;
	a.error = module_call(s, (pid_t)q.pid, q.data.nr, args);
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &a);
}
