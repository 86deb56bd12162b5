// SPDX-License-Identifier: GPL-2.0-or-later
/* faults.c - a kernel, systemd or /run that refuses, is slow, or never answers */

/*
 * Real: the installed programs, unmodified. Faked: the kernel's /sys and modules,
 * systemctl, and libvirt, whose calls are made here (tests/fake/sandbox.h). The NVIDIA
 * driver's unbind that never returns is a write that the fake kernel does not answer: the
 * writer cannot be killed, and all who want the device's lock wait too.
 */
#include "expect.h"

#include "../fake/limit.h"

#include <err.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct scenario one_card = {
	.name = "one-card",
	.machine = "one-card",
	.units = { "tool.service=active", NULL },
};

static void write_ini(const struct sandbox *box, const char *more)
{
	char path[SANDBOX_PATH_LEN + 64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/etc/virt-handoff/vms/one-card.ini", box->root);
	f = fopen(path, "we");
	if (!f || fprintf(f, "[devices]\ndeadline = %ds\n%s", DEADLINE_S, more) < 0 ||
	    fclose(f) != 0)
		err(1, "faults: %s", path);
}

static bool run_test(struct stage *st, const struct test *t)
{
	uint64_t begin = now_ms();
	int status;
	pid_t pid;

	expect_test = t->name;
	write_ini(st->box, t->ini);
	pid = sandbox_fork(CLONE_NEWPID | CLONE_NEWNS);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sandbox_start(st->box);
		_exit(!t->run(st));
	}
	if (pid < 0)
		err(1, "faults: fork");
	if (!limit_wait(pid, CASE_S, &status))
		complain("did not end within %d s", CASE_S);
	printf("%s faults: %s (%u ms)\n", status ? "not ok" : "ok", t->name,
	       (unsigned int)(now_ms() - begin));
	fflush(stdout);
	return status == 0;
}

static void count(struct stage *st, const struct test *t, const char *only,
		  unsigned int *n, unsigned int *bad)
{
	if (only && !strstr(t->name, only))
		return;
	++*n;
	*bad += !run_test(st, t);
}

static int run_all(struct sandbox *box, const char *install, const char *machines,
		   const char *scenario_dir, const char *only)
{
	char machine[SANDBOX_PATH_LEN], xml[SANDBOX_PATH_LEN];
	struct sandbox_conf conf = { .machine = machine, .install = install };
	static const struct test *const lists[] = { kernel_faults, host_faults,
						    process_faults, file_faults };
	struct stage st = { &one_card, box, NULL, HOOK, NULL };
	unsigned int bad = 0, n = 0;

	snprintf(machine, sizeof(machine), "%s/one-card.machine", machines);
	snprintf(xml, sizeof(xml), "%s/one-card.xml:/root/xml", scenario_dir);
	conf.files[0] = xml;
	conf.units[0] = one_card.units[0];
	sandbox_build(box, &conf);
	st.xml = sandbox_read(box, "root/xml");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct test *t = lists[i]; t->name; t++)
			count(&st, t, only, &n, &bad);
	return bad > 0 || n == 0;
}

int main(int argc, char **argv)
{
	const char *cannot = sandbox_cannot(), *must = getenv("MUST_RUN");
	const char *machines = "tests/data", *scenario_dir = "tests/crash/scenarios";
	struct sandbox box;
	int status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: faults DESTDIR [PART-OF-A-TEST'S-NAME]\n");
		return 2;
	}
	if (cannot) {
		printf("skip faults: %s\n", cannot);
		return must && strcmp(must, "1") == 0;
	}
	sandbox_dir(&box);
	pid = sandbox_fork(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run_all(&box, argv[1], machines, scenario_dir, argv[2]));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "faults: fork");
	rmdir(box.dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
