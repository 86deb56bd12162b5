// SPDX-License-Identifier: GPL-2.0-or-later
/* crash.c - kill the hook at every change it makes, and see that the next run puts all back */

/*
 * Real: the installed programs, unmodified; ptrace; SIGKILL. Faked: the kernel's /sys and
 * modules, systemctl, and libvirt, whose calls are made here (tests/fake/sandbox.h).
 *
 * A point is one system call that changes something (calls.c). Each is tried on a fresh
 * host, killed before it and after it. In the end the host must be as a hand-over leaves it
 * that nobody disturbed: every line of the fake kernel's state, every unit, every name in
 * /run. The series:
 *
 *	prepare   killed in prepare; then prepare and release
 *	stopped   killed in prepare; then release, as libvirt calls it when prepare fails (what
 *	          is left in /run/virt-handoff/lock, and VFIO's modules, are not looked at)
 *	release   killed in release; then prepare and release
 *	twice     killed in prepare, killed in the prepare that takes that back; then both
 *	twice-release  killed in release, killed in the prepare that goes on; then both
 *	twice-stopped  killed in prepare, killed in the release after it; then both
 *	alone     killed in prepare, but its children are left to what they do by themselves
 */
#include "scenario.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX  16
#define CASE_SECONDS 60 /* a case takes some 30 ms; the hook's own deadline is 30 s */

/* How a case ends, as exit status */
enum result {
	OK,
	FAILED,
	NO_POINT,  /* the first run has no such point */
	NO_SECOND, /* the second run has no such point */
};

struct series {
	const char *name;
	const char *first;  /* killed at the first point */
	const char *second; /* killed at the second, or NULL */
	bool after_prepare; /* a whole prepare comes before */
	bool only_release;  /* the end is release alone */
	bool alone;
};

static const struct series all_series[] = {
	{ "prepare", "prepare", NULL, false, false, false },
	{ "stopped", "prepare", NULL, false, true, false },
	{ "release", "release", NULL, true, false, false },
	{ "alone", "prepare", NULL, false, false, true },
	{ "twice", "prepare", "prepare", false, false, false },
	{ "twice-release", "release", "prepare", true, false, false },
	{ "twice-stopped", "prepare", "release", false, false, false },
};

#define N_SERIES (sizeof(all_series) / sizeof(all_series[0]))

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
	bool full;
};

/* One case: where it is killed */
struct point {
	const struct series *se;
	enum trace_side side;
	unsigned int first;
	unsigned int second;
	char what[2][TRACE_WHAT_LEN];
};

/* What a worker tells of one series */
struct tally {
	unsigned int ok;
	unsigned int all;
};

static int fail(const struct stage *st, const struct point *p, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(const struct stage *st, const struct point *p, const char *format, ...)
{
	struct text line = { 0 };
	char *why;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&why, format, ap) < 0)
		err(1, "crash");
	va_end(ap);
	text_print(&line, "FAIL: %s %s, killed %s %u (%s)", st->sc->name, p->se->name,
		   p->side == TRACE_BEFORE ? "before" : "after", p->first, p->what[0]);
	if (p->second)
		text_print(&line, " and %u (%s)", p->second, p->what[1]);
	text_print(&line, ": %s\n", why);
	fputs(line.s, stdout); /* one write: two workers print */
	fflush(stdout);
	return FAILED;
}

/* A call that must succeed */
static bool call(const struct stage *st, const struct point *p, const char *op)
{
	struct trace t = { 0 };
	int r = stage_call(st, op, &t);

	if (r == 0)
		return true;
	fail(st, p, "%s then answers %d: %s", op, r, t.err[0] ? t.err : "nothing on stderr");
	return false;
}

/* A call that is killed. Returns false when it has no such point. */
static bool call_killed(const struct stage *st, struct point *p, const char *op,
			unsigned int which)
{
	struct trace t = {
		.side = p->side,
		.point = which ? p->second : p->first,
		.alone = p->se->alone,
	};

	stage_call(st, op, &t);
	memcpy(p->what[which], t.what, sizeof(t.what));
	return t.killed;
}

/* A whole hand-over and give-back; @ret_mid is the state while the VM would run */
static bool whole(const struct stage *st, const struct point *p, char **ret_mid)
{
	if (!call(st, p, "prepare"))
		return false;
	*ret_mid = stage_state(st, STAGE_HOST);
	return call(st, p, "started") && call(st, p, "stopped") && call(st, p, "release");
}

/* What an undisturbed hand-over leaves, and what there is while the VM runs */
struct reference {
	char *mid; /* STAGE_HOST, while the VM runs */
	char *run; /* STAGE_RUN, in the end */
	char *end; /* STAGE_ALL, in the end */
};

static int compare(const struct stage *st, const struct point *p, const struct reference *ref,
		   const char *mid)
{
	bool all = !p->se->only_release;
	char *end = stage_state(st, all ? STAGE_ALL : STAGE_RUN), *d;

	d = mid ? stage_difference(ref->mid, mid) : NULL;
	if (d)
		return fail(st, p, "the next prepare leaves another host:\n%s", d);
	d = stage_difference(all ? ref->end : ref->run, end);
	if (d)
		return fail(st, p, "not all is as before:\n%s", d);
	return OK;
}

static int run_case(const struct stage *st, struct point *p, const struct reference *ref)
{
	char *mid = NULL;

	sandbox_start(st->box);
	if (p->se->after_prepare && (!call(st, p, "prepare") || !call(st, p, "stopped")))
		return FAILED;
	if (!call_killed(st, p, p->se->first, 0))
		return NO_POINT;
	if (p->se->second && !call_killed(st, p, p->se->second, 1))
		return NO_SECOND;
	if (p->se->only_release) {
		if (!call(st, p, "stopped") || !call(st, p, "release"))
			return FAILED;
	} else if (!whole(st, p, &mid)) {
		return FAILED;
	}
	return compare(st, p, ref, mid);
}

/* Every case in a PID namespace of its own, and so with a fresh fake kernel */
static int in_process(const struct stage *st, struct point *p, const struct reference *ref)
{
	pid_t pid = sandbox_fork(CLONE_NEWPID | CLONE_NEWNS);
	int status;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(CASE_SECONDS);
		_exit(run_case(st, p, ref));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "crash: case");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return fail(st, p, "did not end within %d s", CASE_SECONDS);
}

static void one_side(const struct stage *st, const struct reference *ref,
		     const struct options *o, const struct series *se, enum trace_side side,
		     unsigned int worker, struct tally *ret)
{
	unsigned int step = o->from ? 1 : o->workers;

	for (unsigned int i = o->from ? o->from : worker + 1;; i += step) {
		unsigned int j = se->second ? (o->second ? o->second : 1) : 0;
		int r;

		do {
			struct point p = { se, side, i, j, { "", "" } };

			r = in_process(st, &p, ref);
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

/* The undisturbed hand-over, whose end must already be as the beginning but for VFIO */
static int make_reference(const struct stage *st, int up)
{
	struct point p = { &all_series[0], TRACE_NO_KILL, 0, 0, { "", "" } };
	char *begin, *mid, *end, *run, *d;

	sandbox_start(st->box);
	begin = stage_state(st, STAGE_HOST);
	if (!whole(st, &p, &mid))
		return FAILED;
	end = stage_state(st, STAGE_HOST);
	d = stage_difference(begin, end);
	if (d)
		return fail(st, &p, "undisturbed, not all is as before:\n%s", d);
	if (!stage_difference(begin, mid))
		return fail(st, &p, "prepare changes nothing");
	free(end);
	run = stage_state(st, STAGE_RUN);
	end = stage_state(st, STAGE_ALL);
	if (write(up, mid, strlen(mid) + 1) < 0 || write(up, run, strlen(run) + 1) < 0 ||
	    write(up, end, strlen(end) + 1) < 0)
		err(1, "crash: pipe");
	return OK;
}

static char *read_text(FILE *f)
{
	char *text = NULL;
	size_t room = 0;

	return getdelim(&text, &room, '\0', f) > 0 ? text : NULL;
}

static bool get_reference(const struct stage *st, struct reference *ret)
{
	int up[2], status;
	pid_t pid;
	FILE *f;

	if (pipe(up) < 0)
		err(1, "crash: pipe");
	pid = sandbox_fork(CLONE_NEWPID | CLONE_NEWNS);
	if (pid == 0) {
		alarm(CASE_SECONDS);
		_exit(make_reference(st, up[1]));
	}
	close(up[1]);
	f = fdopen(up[0], "r");
	ret->mid = read_text(f);
	ret->run = read_text(f);
	ret->end = read_text(f);
	fclose(f);
	return waitpid(pid, &status, 0) == pid && status == 0 && ret->end;
}

static void work(struct sandbox *box, const struct scenario *sc, const struct options *o,
		 unsigned int worker, int up)
{
	char ini[SANDBOX_PATH_LEN], machine[SANDBOX_PATH_LEN], xml[SANDBOX_PATH_LEN];
	struct sandbox_conf conf = { .machine = machine, .install = o->install };
	struct stage st = { sc, box, NULL, o->hook };
	struct reference ref;

	snprintf(machine, sizeof(machine), "%s/%s.machine", o->machines, sc->machine);
	snprintf(ini, sizeof(ini), "%s/%s.ini:/etc/virt-handoff/vms/%s.ini", o->scenarios,
		 sc->name, sc->name);
	snprintf(xml, sizeof(xml), "%s/%s.xml:/root/xml", o->scenarios, sc->name);
	conf.files[0] = ini;
	conf.files[1] = xml;
	for (size_t i = 0; sc->units[i]; i++)
		conf.units[i] = sc->units[i];
	sandbox_build(box, &conf);
	st.xml = sandbox_read(box, "root/xml");
	if (!get_reference(&st, &ref))
		exit(1);
	for (size_t i = 0; i < N_SERIES; i++) {
		struct tally t[2] = { 0 };

		if (is_wanted(o->series, all_series[i].name) &&
		    (sc->pairs || !all_series[i].second)) {
			/* of pairs, before the next call is the same as after this one */
			if (!all_series[i].second || o->full)
				one_side(&st, &ref, o, &all_series[i], TRACE_BEFORE, worker,
					 &t[0]);
			one_side(&st, &ref, o, &all_series[i], TRACE_AFTER, worker, &t[1]);
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

	for (size_t i = 0; i < N_SERIES; i++) {
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
			printf("crash: %s %s, killed %s each call: %u of %u points\n",
			       sc->name, all_series[i].name, sides[side], sum[side].ok,
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
			exit(0);
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
		printf("crash: %s: FAILED\n", sc->name);
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
		else if (opt == 'f')
			o->full = true;
		else if (opt == 'j')
			o->workers = (unsigned int)atoi(optarg);
		else
			exit((fputs(usage, stderr), 2));
	}
	if (!o->install || o->workers < 1 || o->workers > WORKERS_MAX)
		exit((fputs(usage, stderr), 2));
}

int main(int argc, char **argv)
{
	struct options o = { .machines = "tests/data",
			     .scenarios = "tests/crash/scenarios",
			     .hook = HOOK,
			     .workers = 2 };
	const char *cannot = sandbox_cannot(), *must = getenv("MUST_RUN");
	bool good = true;
	time_t start = time(NULL);

	parse(argc, argv, &o);
	if (cannot) {
		printf("skip: crash: %s\n", cannot);
		return must && strcmp(must, "1") == 0;
	}
	for (size_t i = 0; i < n_scenarios; i++)
		if (is_wanted(o.scenario, scenarios[i].name))
			good &= run_scenario(&scenarios[i], &o);
	printf("crash: %s in %ld s\n", good ? "passed" : "FAILED", (long)(time(NULL) - start));
	return !good;
}
