// SPDX-License-Identifier: GPL-2.0-or-later
/* case.c - one case of the crash test: a fresh host, a kill or two, and what is left */
#include "case.h"

#include "../fake/limit.h"

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const struct series all_series[] = {
	{ "prepare", "prepare", NULL, false, false, false, false, false, NULL, { NULL } },
	{ "stopped", "prepare", NULL, false, true, false, false, false, NULL, { NULL } },
	{ "release", "release", NULL, true, false, false, false, false, NULL, { NULL } },
	{ "alone", "prepare", NULL, false, false, true, false, false, NULL, { NULL } },
	{ "twice",
	  "prepare",
	  "prepare",
	  false,
	  false,
	  false,
	  false,
	  false,
	  NULL,
	  { NULL } },
	{ "twice-release",
	  "release",
	  "prepare",
	  true,
	  false,
	  false,
	  false,
	  false,
	  NULL,
	  { NULL } },
	{ "twice-stopped",
	  "prepare",
	  "release",
	  false,
	  false,
	  false,
	  false,
	  false,
	  NULL,
	  { NULL } },
	{ "boot", "boot", NULL, false, false, false, true, false, NULL, { NULL } },
	{ "boot-alone", "boot", NULL, false, false, true, true, false, NULL, { NULL } },
	{ .name = "plug-first", .first = "attach", .only_release = true, .plug = true },
	{ .name = "plug-stop",
	  .first = "attach",
	  .after_prepare = true,
	  .only_release = true,
	  .plug = true },
	{ .name = "plug-again",
	  .first = "attach",
	  .after_prepare = true,
	  .only_release = true,
	  .plug = true,
	  .then = { "attach", "detach" } },
	{ .name = "plug-last",
	  .first = "attach",
	  .only_release = true,
	  .plug = true,
	  .then = { "attach", "detach" } },
	{ .name = "unplug-stop",
	  .first = "detach",
	  .after_prepare = true,
	  .only_release = true,
	  .plug = true,
	  .before = "attach" },
	{ .name = "unplug-again",
	  .first = "detach",
	  .after_prepare = true,
	  .only_release = true,
	  .plug = true,
	  .before = "attach",
	  .then = { "detach" } },
};

const size_t n_series = sizeof(all_series) / sizeof(all_series[0]);

/*
 * Call the hook as libvirt does, or the boot helper as systemd does. Returns its exit
 * status, or minus the signal.
 */
static int call_hook(const struct stage *st, const char *op, struct trace *t)
{
	bool end = strcmp(op, "stopped") == 0 || strcmp(op, "release") == 0;
	bool boot = strcmp(op, "boot") == 0;
	const char *const argv[] = { st->hook, st->sc->name, op, end ? "end" : "begin",
				     "-",      NULL };
	bool plug = strcmp(op, "attach") == 0 || strcmp(op, "detach") == 0;
	const char *const boot_argv[] = { BOOT, NULL };
	const char *const plug_argv[] = { PLUG, op, st->sc->plug, NULL };

	t->box = st->box;
	t->argv = boot ? boot_argv : plug ? plug_argv : argv;
	t->input = boot ? NULL : st->xml;
	trace_run(t);
	t->argv = NULL;
	return t->status;
}

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
	text_print(&line, "# %s %s, killed %s %u (%s)", st->sc->name, p->se->name,
		   p->side == TRACE_BEFORE ? "before" : "after", p->first, p->what[0]);
	if (p->second)
		text_print(&line, " and %u (%s)", p->second, p->what[1]);
	text_print(&line, ": %s\n", why);
	fputs(line.s, stdout); /* one write: two workers print */
	fflush(stdout);
	free(line.s);
	free(why);
	return FAILED;
}

/* A call that must succeed */
static bool call(const struct stage *st, const struct point *p, const char *op)
{
	struct trace t = { 0 };
	int r = call_hook(st, op, &t);

	if (r == 0)
		return true;
	fail(st, p, "%s then answers %d: %s", op, r,
	     t.err[0] ? t.err : "nothing on stderr");
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

	call_hook(st, op, &t);
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

static int compare(const struct stage *st, const struct point *p,
		   const struct reference *ref, const char *mid)
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

/* Whether a line of the log, of a vGPU that was made, stands in it twice */
static const char *made_twice(char *log)
{
	for (char *line = log, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *again;

		*end = '\0';
		again = strstr(line, "/create ") ? strstr(end + 1, line) : NULL;
		if (again && strcmp(end - 3, " ok") == 0)
			return line;
	}
	return NULL;
}

/* The next run goes on, the one after it has nothing to do, and no vGPU was made twice */
static int after_boot(const struct stage *st, const struct point *p,
		      const struct reference *ref)
{
	char *writes, *d;
	const char *twice;

	if (!call(st, p, "boot"))
		return FAILED;
	d = stage_difference(ref->mid, stage_state(st, STAGE_RUN));
	if (d)
		return fail(st, p, "the next run leaves another host:\n%s", d);
	twice = made_twice(sandbox_read(st->box, "fake/log"));
	if (twice)
		return fail(st, p, "made twice: %s", twice);
	writes = sandbox_read(st->box, "fake/writes");
	if (!call(st, p, "boot"))
		return FAILED;
	if (strcmp(writes, sandbox_read(st->box, "fake/writes")) != 0)
		return fail(st, p, "the run after the next one still writes");
	return OK;
}

/* Whether the running VM has what was plugged in */
static bool is_plugged(const struct stage *st)
{
	char *state = stage_state(st, STAGE_HOST), *line, key[64];
	bool found;

	snprintf(key, sizeof(key), "%s/driver ", st->sc->plug);
	line = strstr(state, key);
	found = line && memmem(line, strcspn(line, "\n"), "vfio-pci", 8);
	free(state);
	return found;
}

static bool call_plug(const struct stage *st, const struct point *p, const char *op)
{
	bool attach = strcmp(op, "attach") == 0;

	if (!call(st, p, op))
		return false;
	if (is_plugged(st) == attach)
		return true;
	fail(st, p, "after %s %s is %son VFIO", op, st->sc->plug, attach ? "not " : "");
	return false;
}

/* What was plugged in is gone again, or goes when the VM stops */
static int plug_case(const struct stage *st, struct point *p, const struct reference *ref)
{
	char *mid = NULL;

	if (p->se->after_prepare && (!call(st, p, "prepare") || !call(st, p, "started")))
		return FAILED;
	if (p->se->before && !call_plug(st, p, p->se->before))
		return FAILED;
	if (!call_killed(st, p, p->se->first, 0))
		return NO_POINT;
	for (size_t i = 0; p->se->then[i]; i++)
		if (!call_plug(st, p, p->se->then[i]))
			return FAILED;
	/* the VM has nothing left: release has nothing to do */
	if (!p->se->after_prepare && p->se->then[0])
		return compare(st, p, ref, NULL);
	if (p->se->then[0])
		mid = stage_state(st, STAGE_HOST);
	if (!call(st, p, "stopped") || !call(st, p, "release"))
		return FAILED;
	return compare(st, p, ref, mid);
}

static int run_case(const struct stage *st, struct point *p, const struct reference *ref)
{
	char *mid = NULL;

	sandbox_start(st->box);
	if (st->sc->boot == BOOT_FIRST && !call(st, p, "boot"))
		return FAILED;
	if (p->se->plug)
		return plug_case(st, p, ref);
	if (p->se->after_prepare && (!call(st, p, "prepare") || !call(st, p, "stopped")))
		return FAILED;
	if (!call_killed(st, p, p->se->first, 0))
		return NO_POINT;
	if (p->se->second && !call_killed(st, p, p->se->second, 1))
		return NO_SECOND;
	if (p->se->boot)
		return after_boot(st, p, ref);
	if (p->se->only_release) {
		if (!call(st, p, "stopped") || !call(st, p, "release"))
			return FAILED;
	} else if (!whole(st, p, &mid)) {
		return FAILED;
	}
	return compare(st, p, ref, mid);
}

int case_run(const struct stage *st, struct point *p, const struct reference *ref)
{
	pid_t pid = sandbox_fork(CLONE_NEWPID | CLONE_NEWNS);
	int status;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run_case(st, p, ref));
	}
	if (pid < 0)
		err(1, "crash: case");
	if (!limit_wait(pid, CASE_SECONDS, &status))
		return fail(st, p, "did not end within %d s", CASE_SECONDS);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return fail(st, p, "ended by signal %d", WTERMSIG(status));
}

static int make_boot_reference(const struct stage *st, int up)
{
	struct point p = { &all_series[0], TRACE_NO_KILL, 0, 0, { "", "" } };
	char *begin, *mid;

	sandbox_start(st->box);
	begin = stage_state(st, STAGE_RUN);
	if (!call(st, &p, "boot"))
		return FAILED;
	mid = stage_state(st, STAGE_RUN);
	if (!stage_difference(begin, mid))
		return fail(st, &p, "the boot helper changes nothing");
	for (int i = 0; i < 3; i++)
		if (write(up, mid, strlen(mid) + 1) < 0)
			err(1, "crash: reference");
	return OK;
}

/* The undisturbed hand-over, whose end must already be as the beginning but for VFIO */
static int make_reference(const struct stage *st, int up)
{
	struct point p = { &all_series[0], TRACE_NO_KILL, 0, 0, { "", "" } };
	char *begin, *mid, *end, *run, *d;

	sandbox_start(st->box);
	if (st->sc->boot == BOOT_FIRST && !call(st, &p, "boot"))
		return FAILED;
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
		err(1, "crash: reference");
	return OK;
}

static char *read_text(FILE *f)
{
	char *text = NULL;
	size_t room = 0;

	return getdelim(&text, &room, '\0', f) > 0 ? text : NULL;
}

bool case_reference(const struct stage *st, struct reference *ret)
{
	int up = memfd_create("reference", MFD_CLOEXEC), status;
	bool in_time;
	pid_t pid;
	FILE *f;

	if (up < 0)
		err(1, "crash: memfd");
	pid = sandbox_fork(CLONE_NEWPID | CLONE_NEWNS);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(st->sc->boot == BOOT_ONLY ? make_boot_reference(st, up)
						: make_reference(st, up));
	}
	if (pid < 0)
		err(1, "crash: reference");
	in_time = limit_wait(pid, CASE_SECONDS, &status);
	if (!in_time)
		printf("# %s, undisturbed, did not end within %d s\n", st->sc->name,
		       CASE_SECONDS);
	if (lseek(up, 0, SEEK_SET) < 0 || !(f = fdopen(up, "r")))
		err(1, "crash: memfd");
	ret->mid = read_text(f);
	ret->run = read_text(f);
	ret->end = read_text(f);
	fclose(f);
	return in_time && status == 0 && ret->end;
}

bool case_ends(void)
{
	pid_t pid = sandbox_fork(CLONE_NEWPID);
	int status;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid > 0 && !limit_wait(pid, 1, &status) && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL;
}
