// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-print.c - say what virt-handoff check found, to a person or to a program */

#include "ctl-check.h"

#include "out.h"
#include "print.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;
	enum tone tone;
} severities[] = {
	[CHECK_NOTE] = { "note", TONE_PLAIN },
	[CHECK_WARNING] = { "warning", TONE_WARNING },
	[CHECK_FAIL] = { "fail", TONE_BAD },
};

static size_t count(const struct checkup *x, enum check_severity s)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_found; i++)
		n += x->found[i].severity == s;
	return n;
}

/* why it matters is said once for a row of findings of one kind */
static void print_finding(const struct check_finding *f, const char *id_before)
{
	const char *word = severities[f->severity].word;
	char line[2 * WHY_LEN];

	snprintf(line, sizeof(line), "%s [%s]", f->what, f->check->id);
	printf("%s%s%s: ", tone_begin(severities[f->severity].tone), word, tone_end());
	print_wrapped(stdout, (unsigned int)strlen(word) + 2, line);
	if (strcmp(f->check->id, id_before) != 0) {
		printf("  why: ");
		print_wrapped(stdout, 7, f->check->why);
	}
	if (f->mend[0]) {
		printf("  do:  ");
		print_wrapped(stdout, 7, f->mend);
	}
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_sum(const struct checkup *x)
{
	size_t fails = count(x, CHECK_FAIL), warnings = count(x, CHECK_WARNING);
	size_t notes = count(x, CHECK_NOTE);

	if (fails + warnings > 0) {
		printf("%zu failure%s, %zu warning%s", fails, plural(fails), warnings,
		       plural(warnings));
	} else {
		printf("%sall is well%s", tone_begin(TONE_GOOD), tone_end());
		if (x->only)
			printf(": %s", x->only->vm.guest.name);
		else
			printf(": %zu VM%s with an INI file", x->n_vms, plural(x->n_vms));
	}
	if (notes)
		printf(", %zu note%s", notes, plural(notes));
	printf("\n");
}

static int print_text(const struct checkup *x)
{
	const char *before = "";
	int r = check_tree_print(x);

	for (size_t i = 0; i < x->n_found; i++) {
		print_finding(&x->found[i], before);
		before = x->found[i].check->id;
	}
	print_sum(x);
	return r < 0 ? r : ferror(stdout) ? -EIO : 0;
}

static void out_finding(struct out *o, const struct check_finding *f)
{
	out_object(o, NULL);
	out_text(o, "id", f->check->id);
	out_text(o, "subject", f->subject);
	out_text(o, "severity", severities[f->severity].word);
	out_text(o, "vm", f->vm[0] ? f->vm : NULL);
	out_text(o, "what", f->what);
	out_text(o, "why", f->check->why);
	out_text(o, "mend", f->mend[0] ? f->mend : NULL);
	out_end(o);
}

static int print_json(const struct checkup *x)
{
	CLEANUP(out_free) struct out *o = out_new();

	out_number(o, "failures", (int64_t)count(x, CHECK_FAIL));
	out_number(o, "warnings", (int64_t)count(x, CHECK_WARNING));
	out_number(o, "notes", (int64_t)count(x, CHECK_NOTE));
	out_array(o, "findings");
	for (size_t i = 0; i < x->n_found; i++)
		out_finding(o, &x->found[i]);
	out_end(o);
	check_tree_out(x, o);
	return o ? out_print(o, stdout) : -ENOMEM;
}

int checkup_print(const struct checkup *x)
{
	return x->ctl->json ? print_json(x) : print_text(x);
}
