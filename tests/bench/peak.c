// SPDX-License-Identifier: GPL-2.0-or-later
/* peak.c - run a command, and print how many kilobytes it had resident at most */

/*
 * usage: peak STATUSES COMMAND [ARG...]; what the command prints is not shown, and it must
 * end with one of STATUSES, "0" or "013"
 *
 * What wait4(2) says begins with what the process was before execve(2), which is more than
 * a small program ever has. So the kernel stops it here just before it ends, and its own
 * high-water mark is read. Children that it makes do not count.
 *
 * Source: ptrace(2), PTRACE_O_TRACEEXIT; proc(5), VmHWM
 */

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define IS_EXIT(status) ((status) >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))

static long high_water(pid_t pid)
{
	char path[32], line[128];
	long kb = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

static pid_t start(char *const argv[])
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(argv[0], argv);
		_exit(127);
	}
	/* it stops with its first instruction */
	if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		errx(1, "%s cannot be started", argv[0]);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)) < 0)
		err(1, "ptrace");
	return pid;
}

/* Until it has ended: signals are passed on, but for our own stops. */
static int follow(pid_t pid, long *ret_kb)
{
	int status = 0, pass = 0;

	while (ptrace(PTRACE_CONT, pid, NULL, (void *)(long)pass) == 0 &&
	       waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		pass = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		if (IS_EXIT(status))
			*ret_kb = high_water(pid);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char *argv[])
{
	long kb = -1;
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: peak STATUSES COMMAND [ARG...]\n");
		return 2;
	}
	status = follow(start(argv + 2), &kb);
	if (status > 9 || !strchr(argv[1], '0' + status) || kb < 0)
		errx(1, "%s ended with %d", argv[2], status);
	printf("%ld\n", kb);
	return 0;
}
