// SPDX-License-Identifier: GPL-2.0-or-later
/* faults-process.c - a hook without memory, descriptors, processes, streams; or two of it */
#include "expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* prlimit(1), unshare(1) and sh(1) are the machine's own. */
static struct stage started_by(const struct stage *st, const char *const wrap[])
{
	struct stage other = *st;

	other.wrap = wrap;
	return other;
}

/* A call that may fail, in time, and not by a signal or without a word */
static bool speaks(const struct stage *st, const char *op, int *ret_status)
{
	struct answer a = libvirt_calls(st, op, PROMPT_MS);

	*ret_status = a.status;
	if (a.late)
		return complain("%s does not answer within %d ms", op, PROMPT_MS);
	if (a.status < 0)
		return complain("%s was ended by signal %d: %s", op, -a.status, a.err);
	return !a.status || a.err[0] || complain("%s fails without a word", op);
}

/* A start with this limit, and then a stop; whatever they reach, release puts all right */
static bool with_limit(const struct stage *st, const char *begin, const char *option,
		       bool *ret_started)
{
	const char *const wrap[] = { "/usr/bin/prlimit", option, "--", NULL };
	struct stage poor = started_by(st, wrap);
	int status, unused;

	if (!speaks(&poor, "prepare", &status))
		return false;
	if (status && !is_as(st, begin) && !has_ledger(st))
		return complain("there is no ledger");
	*ret_started = !status;
	return succeeds(st, "release") && is_as(st, begin) && succeeds(st, "prepare") &&
	       speaks(&poor, "stopped", &unused) && speaks(&poor, "release", &unused) &&
	       (has_ledger(st) || is_as(st, begin)) && succeeds(st, "release") &&
	       is_as(st, begin);
}

static bool short_of(const struct stage *st, const char *what, unsigned int from,
		     unsigned int to, unsigned int step)
{
	char *begin = stage_state(st, STAGE_HOST), option[64];
	unsigned int enough = 0;

	for (unsigned int n = from; n <= to && enough < 2; n += step) {
		bool started = false;

		snprintf(option, sizeof(option), "--%s=%u", what, n);
		if (!with_limit(st, begin, option, &started))
			return complain("this was with %s", option);
		enough += started;
	}
	return (enough || complain("it never had enough: this shows nothing")) &&
	       recovers(st, begin);
}

/* AddressSanitizer takes terabytes before the program's first instruction. */
static bool has_sanitizer(const struct stage *st)
{
	static const char *const wrap[] = { "/usr/bin/prlimit", "--as=67108864", "--",
					    NULL };
	struct stage poor = started_by(st, wrap);
	struct answer a = libvirt_calls(&poor, "reconnect", PROMPT_MS);

	return strstr(a.err, "Sanitizer");
}

static bool no_memory(const struct stage *st)
{
	return has_sanitizer(st) || short_of(st, "as", 6u << 20, 64u << 20, 512u << 10);
}

/* what libvirtd hands down may be as small as it likes; three are its pipes */
static bool no_descriptors(const struct stage *st)
{
	return short_of(st, "nofile", 4, 64, 1);
}

/* The first child is the init of a PID namespace, and has ended: ENOMEM for the others */
static bool no_process(const struct stage *st)
{
	static const char *const wrap[] = { "/usr/bin/unshare", "--pid", "--", NULL };
	struct stage poor = started_by(st, wrap);
	char *begin = stage_state(st, STAGE_HOST);
	int status;

	return fails(&poor, "prepare", "Cannot allocate memory") && is_as(st, begin) &&
	       succeeds(st, "prepare") && speaks(&poor, "stopped", &status) &&
	       speaks(&poor, "release", &status) && succeeds(st, "release") &&
	       recovers(st, begin);
}

/* A descriptor that is opened instead of a closed stream must not be taken for it. */
static bool without_stream(const struct stage *st, const char *begin,
			   const char *close_it)
{
	char script[64];
	const char *const wrap[] = { "/bin/sh", "-c", script, NULL };
	struct stage closed = started_by(st, wrap);
	int status;

	snprintf(script, sizeof(script), "exec \"$0\" \"$@\" %s", close_it);
	return succeeds(st, "prepare") && speaks(&closed, "stopped", &status) &&
	       speaks(&closed, "release", &status) && is_as(st, begin) &&
	       (!has_ledger(st) || complain("a ledger is left"));
}

static bool streams_closed(const struct stage *st)
{
	static const char *const which[] = { "<&-", ">&-", "2>&-", ">&- 2>&-",
					     "<&- >&- 2>&-" };
	char *begin = stage_state(st, STAGE_HOST);

	for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++)
		if (!without_stream(st, begin, which[i]))
			return complain("this was with %s", which[i]);
	return recovers(st, begin);
}

/* What it says at the failure must not go into the ledger, or into a file of the kernel's. */
static bool streams_closed_and_refused(const struct stage *st)
{
	static const char *const wrap[] = { "/bin/sh", "-c",
					    "exec \"$0\" \"$@\" >&- 2>&-", NULL };
	struct stage closed = started_by(st, wrap);
	char *begin = stage_state(st, STAGE_HOST);
	struct answer a;

	if (!control(st, "refuse vfio-pci " AUDIO " EIO"))
		return false;
	a = libvirt_calls(&closed, "prepare", PROMPT_MS);
	if (a.late || a.status != 1)
		return complain("prepare ends with %d", a.status);
	return is_as(st, begin) && (!has_ledger(st) || complain("a ledger is left")) &&
	       recovers(st, begin);
}

/* 0 to all of it, each time a fifth more */
static bool xml_is_cut(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);
	size_t len = strlen(st->xml);

	for (size_t fifth = 0; fifth < 5; fifth++) {
		struct stage cut = *st;

		cut.xml = strndup(st->xml, len * fifth / 5);
		if (!cut.xml || !fails(&cut, "prepare", "") || !is_as(st, begin) ||
		    !succeeds(st, "prepare") || !answers(&cut, "stopped") ||
		    !answers(&cut, "release") || !is_as(st, begin) || has_ledger(st))
			return complain("this was with %zu of %zu bytes", len * fifth / 5,
					len);
		free(cut.xml);
	}
	return recovers(st, begin);
}

static pid_t calls_beside(const struct stage *st, const char *op)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct answer a = libvirt_calls(st, op, 2 * PROMPT_MS);

		_exit(a.late ? 99 : a.status < 0 ? 98 : a.status);
	}
	return pid;
}

static int ended(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
								    : 97;
}

/* libvirt calls one at a time; somebody who calls by hand, or two daemons, do not. */
static bool at_once(const struct stage *st, const char *a, const char *b)
{
	char *begin = stage_state(st, STAGE_HOST);
	pid_t first = calls_beside(st, a), second = calls_beside(st, b);
	int one = ended(first), two = ended(second);

	if (one > 1 || two > 1)
		return complain("%s ends with %d, %s at the same time with %d", a, one, b,
				two);
	return succeeds(st, "release") && is_as(st, begin) && recovers(st, begin);
}

static bool two_starts(const struct stage *st)
{
	return control(st, "slow * * 100") && at_once(st, "prepare", "prepare");
}

static bool start_and_stop(const struct stage *st)
{
	return control(st, "slow * * 100") && at_once(st, "prepare", "release");
}

static bool two_stops(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);
	pid_t first, second;
	int one, two;

	if (!succeeds(st, "prepare") || !control(st, "slow * * 100"))
		return false;
	first = calls_beside(st, "release");
	second = calls_beside(st, "release");
	one = ended(first);
	two = ended(second);
	if (one || two)
		return complain("release ends with %d, and with %d", one, two);
	return is_as(st, begin) && recovers(st, begin);
}

const struct test process_faults[] = {
	{ "no memory is left", no_memory, "" },
	{ "no descriptor is left", no_descriptors, "" },
	{ "no process can be made", no_process, "stop-units = tool.service\n" },
	{ "standard streams are closed", streams_closed, "" },
	{ "standard streams are closed and the start fails", streams_closed_and_refused,
	  "" },
	{ "the XML is cut", xml_is_cut, "" },
	{ "two starts of one VM at once", two_starts, "" },
	{ "start and stop of one VM at once", start_and_stop, "" },
	{ "two stops of one VM at once", two_stops, "" },
	{ NULL, NULL, NULL },
};
