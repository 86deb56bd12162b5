// SPDX-License-Identifier: GPL-2.0-or-later
/* expect.c - what the tests of faults expect of the hook and of the host */
#include "expect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *expect_test = "";

bool complain(const char *format, ...)
{
	va_list ap;

	printf("# %s: ", expect_test);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	return false;
}

bool control(const struct stage *st, const char *command)
{
	int r = sandbox_control(st->box, "%s", command);

	return r == 0 ||
	       complain("the fake kernel answers %s to: %s", strerror(-r), command);
}

bool succeeds(const struct stage *st, const char *op)
{
	struct answer a = libvirt_calls(st, op, PROMPT_MS);

	if (a.late)
		return complain("%s does not answer within %d ms", op, PROMPT_MS);
	if (a.status || a.err[0] || a.out)
		return complain("%s answers %d, %zu bytes of output: %s", op, a.status,
				a.out, a.err);
	return true;
}

bool fails(const struct stage *st, const char *op, const char *word)
{
	struct answer a = libvirt_calls(st, op, PROMPT_MS);

	if (a.late)
		return complain("%s does not answer within %d ms", op, PROMPT_MS);
	if (a.status <= 0 || a.out)
		return complain("%s answers %d, %zu bytes of output: %s", op, a.status,
				a.out, a.err);
	if (!strstr(a.err, word) || strchr(a.err, '\n'))
		return complain("%s does not say one sentence about %s: %s", op, word,
				a.err);
	return true;
}

bool answers(const struct stage *st, const char *op)
{
	struct answer a = libvirt_calls(st, op, PROMPT_MS);

	if (a.late)
		return complain("%s does not answer within %d ms", op, PROMPT_MS);
	return true;
}

bool is_as(const struct stage *st, const char *want)
{
	char *have = stage_state(st, STAGE_HOST), *d = stage_difference(want, have);

	free(have);
	return !d || complain("not all is as before:\n%s", d);
}

bool has_ledger(const struct stage *st)
{
	char *run = stage_state(st, STAGE_RUN);
	bool has = strstr(run, "/run/virt-handoff/ledger/6f5b2a0e");

	free(run);
	return has;
}

bool recovers(const struct stage *st, const char *begin)
{
	if (!control(st, "clear") || !succeeds(st, "prepare") ||
	    !succeeds(st, "started") || !succeeds(st, "stopped") ||
	    !succeeds(st, "release") || !is_as(st, begin))
		return false;
	return !has_ledger(st) || complain("a ledger is left");
}

bool refused(const struct stage *st, const char *word)
{
	char *begin = stage_state(st, STAGE_HOST);

	return fails(st, "prepare", word) && control(st, "clear") && is_as(st, begin) &&
	       (!has_ledger(st) || complain("a ledger is left")) &&
	       answers(st, "stopped") && answers(st, "release") && recovers(st, begin);
}

bool untouched(const struct stage *st)
{
	char *log = sandbox_read(st->box, "fake/log");

	return !log[0] || complain("the host was touched:\n%s", log);
}
