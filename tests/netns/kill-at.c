// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kill-at.c - run a command and kill it (SIGKILL) before its N-th system call that
 * changes something outside of it: exit 0 it was killed, 3 it ended by itself
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_change(const struct user_regs_struct *r)
{
	switch (r->orig_rax) {
	case SYS_openat:
		return r->rdx & (O_CREAT | O_TRUNC);
	case SYS_write:
	case SYS_sendto: /* netlink, questions too */
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_rename:
	case SYS_unlinkat:
	case SYS_unlink:
	case SYS_mkdirat:
		return true;
	}
	return false;
}

int main(int argc, char *argv[])
{
	struct user_regs_struct regs;
	int left, status;
	bool entry = true;
	pid_t pid;

	if (argc < 3)
		return 2;
	left = atoi(argv[1]);
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 2;
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0 ||
		    waitpid(pid, &status, 0) < 0 || WIFEXITED(status))
			return 3;
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		if (entry && ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0 &&
		    is_change(&regs) && --left == 0)
			break;
		entry = !entry;
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return 0;
}
