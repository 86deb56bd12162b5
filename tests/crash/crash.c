// SPDX-License-Identifier: GPL-2.0-or-later
/* crash.c - kill the hook at every change it makes; the next run must put all back */

/*
 * Real: the installed programs, unmodified; ptrace; SIGKILL. Faked: the kernel's /sys and
 * modules, systemctl, and libvirt, whose calls are made here (tests/fake/sandbox.h).
 *
 * A point is one system call that changes something (calls.c). Each is tried on a fresh
 * host, killed before it and after it. In the end the host must be as a hand-over leaves
 * it that nobody disturbed: every line of the fake kernel's state, every unit, every name
 * in /run. The series:
 *
 *	prepare        killed in prepare; then prepare and release
 *	stopped        killed in prepare; then release, as libvirt calls it when prepare
 *	               fails (what is left in /run/virt-handoff/lock, and VFIO's modules,
 *	               are not looked at)
 *	release        killed in release; then prepare and release
 *	twice          killed in prepare, killed in the prepare that takes that back; then
 *	               both
 *	twice-release  killed in release, killed in the prepare that goes on; then both
 *	twice-stopped  killed in prepare, killed in the release after it; then both
 *	alone          killed in prepare, but its children are left to what they do by
 *	               themselves
 *	boot           the boot helper, killed; then it runs again, and once more, when it
 *	               must find nothing to do
 *	boot-alone     the same, but its children are left to what they do by themselves
 *	plug-first     what attach does (plug.c), killed; then release
 *	plug-stop      the same, of a VM that has a card already
 *	plug-again     the same; then attach, detach, release
 *	plug-last      plug-first; then attach, detach, after which nothing may be left
 *	unplug-stop    attach, and what detach does, killed; then release
 *	unplug-again   the same; then detach, release
 */
#include "case.h"

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

#define WORKERS_MAX 16

struct options {
	const char *machines;
	const char *scenarios;
	const char *install;
	const char *hook;
	const char *scenario;
	const char *series;
	unsigned int workers;
	unsigned int from;
	unsigned int second;
	unsigned int every;
	unsigned int pairs;
	bool full;
};

/* What a worker tells of one series */
struct tally {
	unsigned int ok;
	unsigned int all;
};

static void one_side(const struct stage *st, const struct reference *ref,
		     const struct options *o, const struct series *se,
		     enum trace_side side, unsigned int worker, struct tally *ret)
{
	unsigned int every = se->second ? o->every * o->pairs : o->every;
	unsigned int step = o->workers * every;

	for (unsigned int i = o->from ? o->from : worker * every + 1;; i += step) {
		unsigned int j = se->second ? (o->second ? o->second : 1) : 0;
		int r;

		do {
			struct point p = { se, side, i, j, { "", "" } };

			r = case_run(st, &p, ref);
			ret->all += r < NO_POINT;
			ret->ok += r == OK;
			j++;
		} while (se->second && r < NO_POINT && !o->second);
		if (r == NO_POINT || o->from)
			return;
	}
}

static bool is_wanted(const char *wanted, const char *name)
{
	return !wanted || strcmp(wanted, name) == 0;
}

/* the folder of this program, where plug is too */
static void programs(char ret[static SANDBOX_PATH_LEN])
{
	ssize_t n = readlink("/proc/self/exe", ret, SANDBOX_PATH_LEN - 16);
	char *slash;

	if (n < 0)
		err(1, "crash: /proc/self/exe");
	ret[n] = '\0';
	slash = strrchr(ret, '/');
	strcpy(slash, ":/bench");
}

static void work(struct sandbox *box, const struct scenario *sc, const struct options *o,
		 unsigned int worker, int up)
{
	char ini[SANDBOX_PATH_LEN], machine[SANDBOX_PATH_LEN], xml[SANDBOX_PATH_LEN];
	char host[SANDBOX_PATH_LEN], domain[SANDBOX_PATH_LEN], bench[SANDBOX_PATH_LEN];
	struct sandbox_conf conf = { .machine = machine, .install = o->install };
	struct stage st = { sc, box, NULL, o->hook, NULL };
	struct reference ref;

	snprintf(machine, sizeof(machine), "%s/%s.machine", o->machines, sc->machine);
	snprintf(ini, sizeof(ini), "%s/%s.ini:/etc/virt-handoff/vms/%s.ini", o->scenarios,
		 sc->name, sc->name);
	snprintf(xml, sizeof(xml), "%s/%s.xml:/root/xml", o->scenarios, sc->name);
	conf.files[0] = ini;
	conf.files[1] = xml;
	snprintf(host, sizeof(host), "%s/%s.host.ini:/etc/virt-handoff/host.ini",
		 o->scenarios, sc->name);
	snprintf(domain, sizeof(domain), "%s/%s.xml:/etc/libvirt/qemu/%s.xml",
		 o->scenarios, sc->name, sc->name);
	if (sc->boot != BOOT_NONE) {
		conf.files[2] = host;
		conf.files[3] = domain;
	}
	if (sc->plug) {
		programs(bench);
		conf.binds[0] = bench;
	}
	for (size_t i = 0; sc->units[i]; i++)
		conf.units[i] = sc->units[i];
	sandbox_build(box, &conf);
	st.xml = sandbox_read(box, "root/xml");
	if (!case_reference(&st, &ref))
		exit(1);
	for (size_t i = 0; i < n_series; i++) {
		struct tally t[2] = { 0 };

		if (is_wanted(o->series, all_series[i].name) &&
		    (sc->pairs || !all_series[i].second) &&
		    all_series[i].plug == (sc->plug != NULL) &&
		    all_series[i].boot == (sc->boot == BOOT_ONLY)) {
			/* of pairs, before the next call is the same as after this one */
			if (!all_series[i].second || o->full)
				one_side(&st, &ref, o, &all_series[i], TRACE_BEFORE,
					 worker, &t[0]);
			one_side(&st, &ref, o, &all_series[i], TRACE_AFTER, worker,
				 &t[1]);
		}
		if (write(up, t, sizeof(t)) != sizeof(t))
			err(1, "crash: pipe");
	}
}

/* The sums of all workers, one line for each series and side */
static bool sum_up(const struct scenario *sc, const struct options *o, const int *up)
{
	static const char *const sides[] = { "before", "after" };
	bool good = true;

	for (size_t i = 0; i < n_series; i++) {
		struct tally sum[2] = { 0 }, t[2];

		for (unsigned int w = 0; w < o->workers; w++) {
			if (read(up[w], t, sizeof(t)) != sizeof(t))
				return false;
			for (int side = 0; side < 2; side++) {
				sum[side].ok += t[side].ok;
				sum[side].all += t[side].all;
			}
		}
		for (int side = 0; side < 2; side++) {
			if (!sum[side].all)
				continue;
			printf("%s crash: %s %s, killed %s each call: %u of %u points\n",
			       sum[side].ok == sum[side].all ? "ok" : "not ok", sc->name,
			       all_series[i].name, sides[side], sum[side].ok,
			       sum[side].all);
			good &= sum[side].ok == sum[side].all;
		}
		fflush(stdout);
	}
	return good;
}

static bool run_scenario(const struct scenario *sc, const struct options *o)
{
	struct sandbox box[WORKERS_MAX];
	pid_t pid[WORKERS_MAX];
	int up[WORKERS_MAX];
	bool good;

	for (unsigned int w = 0; w < o->workers; w++) {
		int pipe_fd[2];

		sandbox_dir(&box[w]);
		if (pipe(pipe_fd) < 0)
			err(1, "crash: pipe");
		pid[w] = sandbox_fork(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC);
		if (pid[w] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(pipe_fd[0]);
			work(&box[w], sc, o, w, pipe_fd[1]);
			/* all is printed; this test's own leaks are nobody's matter */
			_exit(0);
		}
		close(pipe_fd[1]);
		up[w] = pipe_fd[0];
	}
	good = sum_up(sc, o, up);
	for (unsigned int w = 0; w < o->workers; w++) {
		int status = 1;

		if (pid[w] > 0)
			waitpid(pid[w], &status, 0);
		good &= status == 0;
		close(up[w]);
		rmdir(box[w].dir);
	}
	if (!good)
		printf("not ok crash: %s\n", sc->name);
	return good;
}

static const char usage[] =
	"usage: crash --install DIR [OPTION...]\n"
	"  --install DIR     what make install DESTDIR=DIR made\n"
	"  --hook PATH       another program, a path below DIR\n"
	"  --machines DIR    default tests/data\n"
	"  --scenarios DIR   default tests/crash/scenarios\n"
	"  --scenario NAME   that one only\n"
	"  --series NAME     that one only\n"
	"  --point N[,M]     that first and second point only\n"
	"  --every N         each Nth point only, default 1\n"
	"  --pairs N         of the series that kill twice, each Nth first point only\n"
	"  --full            pairs on both sides of each call, not only after it\n"
	"  --jobs N          processes, default 2\n";

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "install", required_argument, NULL, 'd' },
		{ "hook", required_argument, NULL, 'h' },
		{ "machines", required_argument, NULL, 'm' },
		{ "scenarios", required_argument, NULL, 's' },
		{ "scenario", required_argument, NULL, 'S' },
		{ "series", required_argument, NULL, 'e' },
		{ "point", required_argument, NULL, 'p' },
		{ "every", required_argument, NULL, 'n' },
		{ "pairs", required_argument, NULL, 'r' },
		{ "full", no_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt == 'd')
			o->install = optarg;
		else if (opt == 'h')
			o->hook = optarg;
		else if (opt == 'm')
			o->machines = optarg;
		else if (opt == 's')
			o->scenarios = optarg;
		else if (opt == 'S')
			o->scenario = optarg;
		else if (opt == 'e')
			o->series = optarg;
		else if (opt == 'p' && sscanf(optarg, "%u,%u", &o->from, &o->second) >= 1)
			o->workers = 1;
		else if (opt == 'n')
			o->every = (unsigned int)atoi(optarg);
		else if (opt == 'r')
			o->pairs = (unsigned int)atoi(optarg);
		else if (opt == 'f')
			o->full = true;
		else if (opt == 'j')
			o->workers = (unsigned int)atoi(optarg);
		else
			exit((fputs(usage, stderr), 2));
	}
	if (!o->install || !o->every || !o->pairs || o->workers < 1 ||
	    o->workers > WORKERS_MAX)
		exit((fputs(usage, stderr), 2));
}

int main(int argc, char **argv)
{
	struct options o = { .machines = "tests/data",
			     .scenarios = "tests/crash/scenarios",
			     .hook = HOOK,
			     .workers = 2,
			     .every = 1,
			     .pairs = 1 };
	const char *cannot = sandbox_cannot(), *must = getenv("MUST_RUN");
	bool good;

	parse(argc, argv, &o);
	if (cannot) {
		printf("skip crash: %s\n", cannot);
		return must && strcmp(must, "1") == 0;
	}
	good = case_ends();
	printf("%s crash: a case that hangs is ended\n", good ? "ok" : "not ok");
	for (size_t i = 0; i < n_scenarios; i++)
		if (is_wanted(o.scenario, scenarios[i].name))
			good &= run_scenario(&scenarios[i], &o);
	return !good;
}
