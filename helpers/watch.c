// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - while a VM has forwards: notice what may undo or change them, and act */

/*
 * Theory of operation
 *
 * This program sleeps in poll(2) until one of these happens:
 *
 *	somebody commits a change to nf_tables	   -> network - watch firewall -
 *	a lease file is renamed into its place,
 *	an INI file is written, renamed or deleted,
 *	somebody sets the clock, by which leases end -> network - watch files -
 *	the folder of those who may have forwards is empty -> exit 0; the .path unit starts
 *	it again
 *
 * It only notices. What is to be done is the network hook's work, which is started as a
 * child, so this program has no parser and no library, is linked statically, and stays
 * under a megabyte. It knows nothing that would be lost when it is killed: what should be
 * there stands in /run/virt-handoff/forwards.
 *
 * Changes come in bursts: it waits until a burst has settled, but not for long. A hook
 * that fails leaves what was to be done to be done, and is tried again.
 *
 * It never fights. The hook says by its exit status whether there was something to put
 * right. When that was undone again at once, it waits longer each time; when it has
 * happened too often within a minute, it says who changes the firewall, and looks again
 * when the minute is over. Until then nobody sees to it that the rule is there that keeps
 * guests from what listens on 127.0.0.1: the hook switches route_localnet off
 * (network - watch quiet -), and the next look switches it on.
 */

#include "watch-hook.h"
#include "watch-listen.h"

#include "small.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syslog.h>
#include <time.h>

#ifndef HOOK
#define HOOK "/etc/libvirt/hooks/virt-handoff/network"
#endif
#define NEVER INT64_MAX
/* a test has shorter minutes */
#ifndef MINUTE_MS
#define MINUTE_MS 60000
#endif
/* more than services that are restarted by hand need, also on a machine that is busy */
#ifndef REPAIRS_MAX
#define REPAIRS_MAX 20
#endif

/* a reload of firewalld is some ten commits, a few milliseconds apart */
#define SETTLE_MS 20
/* a burst that does not end: with the hook's own few, less than 100 ms after it began */
#define SETTLE_TIMES 4
/* who undoes a repair within this time goes on with what made it necessary */
#define PEACE_MS 250
/* a restart of libvirt's networks or of Docker undoes us once to three times */
#define QUICK_MAX 3
/* then 40 ms, 80 ms ... 640 ms: seven repairs for a restart that takes three seconds */
#define DOUBLED_MAX 5
/*
 * Guests write leases, as often as they like, and each look reads all INI files and leases: it
 * rests for so many times as long as it took, or a second
 */
#define REST_TIMES  10
#define REST_MS_MAX 1000
/* how long after a failure, doubled each time */
#define RETRY_MS     1000
#define RETRY_MS_MAX 60000

/**
 * struct watch - What is known. Times are milliseconds of CLOCK_MONOTONIC
 * @hook:    What is run
 * @l:       What is listened to
 * @todo:    HEARD_FIREWALL, HEARD_FILES: has happened and is not looked at yet
 * @burst:   Something has happened since the hook was run
 * @first, @last: When the first and the last of it happened
 * @tried:   When the hook came back
 * @rested:  When files alone are reason enough again
 * @delay:   How long after that it is run again, 0: it has not failed
 * @quiet:   Nothing is put right until the minute is over
 * @begin:   When the minute began: with the first repair
 * @repairs: How many there were in it
 * @mended:  When the last one was
 * @row:     How many there were in a row, each undoing what was done to the one before
 */
struct watch {
	const char *hook;
	struct listener l;
	unsigned int todo;
	bool burst, quiet;
	int64_t first, last, tried, rested, begin, mended;
	int delay;
	unsigned int repairs, row;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void note(struct watch *w, unsigned int heard)
{
	heard &= HEARD_FIREWALL | HEARD_FILES;
	if (!heard)
		return;
	w->last = now_ms();
	/* a commit does not take part in the time for which files have rested */
	if (!w->burst || (heard & ~w->todo & HEARD_FIREWALL))
		w->first = w->last;
	w->burst = true;
	w->todo |= heard;
}

/* ---- the hook ---- */

/* 0, HOOK_CHANGED, or -1 and what is wrong */
static int run_hook(struct watch *w, const char *task, char *ret_why, size_t len)
{
	pid_t hook = hook_start(w->hook, task, w->delay > 0);
	int r;

	if (hook < 0) {
		snprintf(ret_why, len, "no process can be had: %s", strerror(errno));
		return -1;
	}
	r = hook_wait(hook, ret_why, len);
	/* while its process id is its own: whoever comes after may have the same */
	w->l.child = hook;
	note(w, listener_firewall(&w->l));
	w->l.child = 0;
	hook_forget(hook);
	return r;
}

static void failed(struct watch *w, const char *task, const char *reason)
{
	if (!w->delay)
		syslog(LOG_ERR,
		       "%s - watch %s: %s; it is run again until it works, in the end once a minute",
		       w->hook, task, reason);
	w->delay = w->delay ? (int)earlier(2L * w->delay, RETRY_MS_MAX) : RETRY_MS;
	w->tried = now_ms();
}

static void succeeded(struct watch *w)
{
	if (w->delay)
		syslog(LOG_INFO, "%s works again", w->hook);
	w->delay = 0;
}

/* ---- when and what ---- */

static bool is_undone(const struct watch *w)
{
	return w->row && w->first - w->mended < PEACE_MS;
}

/* while files rest, the firewall does not */
static bool files_first(const struct watch *w)
{
	return w->todo == HEARD_FILES ||
	       ((w->todo & HEARD_FILES) && now_ms() >= w->rested);
}

static int settle_ms(const struct watch *w)
{
	if (w->quiet || files_first(w) || !is_undone(w) || w->row < QUICK_MAX)
		return SETTLE_MS;
	return SETTLE_MS << earlier(w->row - QUICK_MAX + 1, DOUBLED_MAX);
}

/* When there is something to do; while nothing happens that is never */
static int64_t due(const struct watch *w)
{
	int64_t t = NEVER, settle = settle_ms(w);

	if (w->burst)
		t = earlier(w->last + settle, w->first + SETTLE_TIMES * settle);
	if (w->burst && w->todo == HEARD_FILES)
		t = later(t, w->rested);
	if (w->delay)
		t = earlier(later(t, w->tried + RETRY_MS), w->tried + w->delay);
	return w->quiet ? earlier(t, w->begin + MINUTE_MS) : t;
}

static void count_repair(struct watch *w, bool undone)
{
	w->mended = now_ms();
	w->row = undone ? w->row + 1 : 1;
	if (w->repairs == 0 || w->mended - w->begin >= MINUTE_MS) {
		w->begin = w->mended;
		w->repairs = 0;
	}
	if (++w->repairs < REPAIRS_MAX)
		return;
	w->quiet = true;
	note(w, HEARD_FIREWALL);
	syslog(LOG_ERR,
	       "forwards were put right %u times within a minute; %s (pid %u) changes the firewall again and again: the next look is when the minute is over",
	       w->repairs, w->l.who[0] ? w->l.who : "somebody", (unsigned int)w->l.pid);
}

static void end_quiet(struct watch *w)
{
	w->quiet = false;
	w->repairs = w->row = 0;
	note(w, HEARD_FIREWALL);
}

/* NULL: nothing now */
static const char *choose(const struct watch *w)
{
	if (files_first(w))
		return "files";
	if (!w->quiet)
		return w->todo ? "firewall" : NULL;
	return small_has_files(SMALL_LOCALNET) ? "quiet" : NULL;
}

static void act(struct watch *w)
{
	const char *task = choose(w);
	bool files = task && strcmp(task, "files") == 0;
	unsigned int todo = w->todo;
	bool undone = is_undone(w);
	int64_t begin = now_ms();
	char reason[128];
	int r = 0;

	/* what happens from now on is new; what is not put right now is when the minute is over */
	w->todo = files ? 0 : w->todo & ~HEARD_FIREWALL;
	w->burst = w->todo & HEARD_FILES;
	if (task)
		r = run_hook(w, task, reason, sizeof(reason));
	if (files)
		w->rested =
			now_ms() + earlier(REST_TIMES * (now_ms() - begin), REST_MS_MAX);
	if (r < 0) {
		w->todo |= todo;
		failed(w, task, reason);
		return;
	}
	succeeded(w);
	if (r == HOOK_CHANGED && !w->quiet && !files)
		count_repair(w, undone);
}

static int how_long(const struct watch *w)
{
	int64_t t = due(w);

	return t == NEVER ? -1 : (int)later(t - now_ms(), 0);
}

/* Until no VM has forwards any more */
static int loop(struct watch *w)
{
	struct pollfd p[] = { { .fd = w->l.nl, .events = POLLIN },
			      { .fd = w->l.ino, .events = POLLIN },
			      { .fd = w->l.clock, .events = POLLIN } };
	unsigned int heard;

	for (;;) {
		if (poll(p, 3, how_long(w)) < 0 && errno != EINTR)
			return 1;
		heard = listener_firewall(&w->l) | listener_files(&w->l) |
			listener_clock(&w->l);
		note(w, heard);
		if ((heard & HEARD_BOOKS) && !small_has_files(SMALL_FORWARDS))
			return 0;
		if (w->quiet && now_ms() >= w->begin + MINUTE_MS)
			end_quiet(w);
		if (now_ms() >= due(w))
			act(w);
	}
}

int main(int argc, char *argv[])
{
	struct watch w = { .hook = argc > 1 ? argv[1] : HOOK };

	/* syslog(3) would look for a time zone where TZ says */
	clearenv();
	openlog("virt-handoff", LOG_PID, LOG_DAEMON);
	/* or nobody's end could be waited for */
	signal(SIGCHLD, SIG_DFL);
	if (!small_has_files(SMALL_FORWARDS))
		return 0;
	if (listener_open(&w.l) < 0) {
		syslog(LOG_ERR, "nothing can be watched: %m");
		fprintf(stderr, "nothing can be watched: %m\n");
		return 1;
	}
	/* what happened before we listened */
	if (!small_has_files(SMALL_FORWARDS))
		return 0;
	note(&w, HEARD_FILES);
	return loop(&w);
}
