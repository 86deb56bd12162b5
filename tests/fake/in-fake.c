// SPDX-License-Identifier: GPL-2.0-or-later
/* in-fake.c - run a command on a host of its own with a fake kernel */

/*
 * What is real and what is faked stands in sandbox.h and kernel.h. The command and its
 * children see it as their only host; loading and unloading modules is caught by seccomp
 * and done in the fake kernel, never in the real one. All that is left when the command
 * ends is killed with the sandbox.
 */
#include "command.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
	"usage: in-fake MACHINE [OPTION...] -- COMMAND [ARGUMENT...]\n"
	"  --install DIR        what make install DESTDIR=DIR made\n"
	"  --ini FILE           becomes /etc/virt-handoff/vms/FILE's name\n"
	"  --file FILE:PATH     copied into the sandbox\n"
	"  --bind DIR:PATH      bound into the sandbox\n"
	"  --unit UNIT=STATE    a systemd unit\n"
	"  --modules M,...      loaded first, in that order\n"
	"  --control COMMAND    given to the fake kernel first: \"hang nvidia *\"\n";

struct options {
	struct sandbox_conf conf;
	const char *controls[SANDBOX_LIST_MAX];
	char **command;
};

static void add(const char **list, const char *word)
{
	size_t n = 0;

	while (list[n])
		n++;
	if (n == SANDBOX_LIST_MAX - 1)
		errx(2, "%s: too many of these", word);
	list[n] = word;
}

static void add_ini(struct options *o, const char *path)
{
	char *copy = strdup(path), *word;

	if (asprintf(&word, "%s:/etc/virt-handoff/vms/%s", path, basename(copy)) < 0)
		err(1, "in-fake");
	add(o->conf.files, word);
	free(copy);
}

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "install", required_argument, NULL, 'd' },
		{ "ini", required_argument, NULL, 'i' },
		{ "file", required_argument, NULL, 'f' },
		{ "bind", required_argument, NULL, 'b' },
		{ "unit", required_argument, NULL, 'u' },
		{ "modules", required_argument, NULL, 'm' },
		{ "control", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	char *save = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt == 'd')
			o->conf.install = optarg;
		else if (opt == 'i')
			add_ini(o, optarg);
		else if (opt == 'f')
			add(o->conf.files, optarg);
		else if (opt == 'b')
			add(o->conf.binds, optarg);
		else if (opt == 'u')
			add(o->conf.units, optarg);
		else if (opt == 'c')
			add(o->controls, optarg);
		else if (opt == 'm')
			for (char *m = strtok_r(strdup(optarg), ",", &save); m;
			     m = strtok_r(NULL, ",", &save))
				add(o->conf.modules, m);
		else
			exit((fputs(usage, stderr), 2));
	}
	/* getopt has moved the machine behind the options, before or after the "--" */
	if (argc - optind < 2)
		exit((fputs(usage, stderr), 2));
	o->conf.machine = argv[optind];
	o->command = argv + optind + 1;
}

/* The first process of the sandbox: when it ends, everything in it ends. */
static int run(struct sandbox *s, const struct options *o)
{
	const int fds[3] = { 0, 1, 2 };
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int listener, status;
	pid_t pid;

	sandbox_build(s, &o->conf);
	sandbox_start(s);
	for (const char *const *c = o->controls; *c; c++)
		if (sandbox_control(s, "%s", *c) < 0)
			errx(2, "in-fake: the fake kernel does not take: %s", *c);
	pid = command_start(s, o->command, fds, &listener);
	p[0].fd = (int)syscall(SYS_pidfd_open, pid, 0);
	p[1].fd = listener;
	while (poll(p, 2, -1) >= 0 && !p[0].revents) {
		if (p[1].revents & POLLIN)
			command_answer(s, listener);
		if (p[1].revents & POLLHUP)
			p[1].fd = -1;
	}
	if (waitpid(pid, &status, 0) < 0)
		err(1, "in-fake: wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	const char *cannot = sandbox_cannot();
	struct options o = { 0 };
	struct sandbox s;
	int status;
	pid_t pid;

	parse(argc, argv, &o);
	if (cannot)
		errx(1, "%s", cannot);
	sandbox_dir(&s);
	pid = sandbox_fork(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
			   CLONE_NEWUTS);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run(&s, &o));
	}
	if (pid < 0)
		warn("in-fake: new namespaces");
	/* ^C ends the command; this process must still remove the folder */
	signal(SIGINT, SIG_IGN);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	rmdir(s.dir);
	if (pid < 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
