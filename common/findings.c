// SPDX-License-Identifier: GPL-2.0-or-later
/* findings.c - what was found at one start of a VM: reasons to refuse it, and remarks */

#include "findings.h"

#include "text.h"

#include <stdarg.h>
#include <stdio.h>

/* where there is no room any more, a refusal takes that of the last remark */
static struct finding *free_one(struct findings *f, bool refuse)
{
	if (f->n < FINDINGS_MAX)
		return &f->finding[f->n++];
	for (size_t i = f->n; refuse && i-- > 0;)
		if (!f->finding[i].refuse)
			return &f->finding[i];
	return NULL;
}

static void add(struct findings *f, bool refuse, bool holder, const char *format,
		va_list ap)
{
	struct finding *x = free_one(f, refuse);
	char text[2 * WHY_LEN];

	if (!x)
		return;
	vsnprintf(text, sizeof(text), format, ap);
	/* commands and names of VMs come from others: they stay in their line */
	why(x->text, "%s", text);
	x->refuse = refuse;
	x->holder = holder;
}

void findings_refuse(struct findings *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(f, true, false, format, ap);
	va_end(ap);
}

void findings_hold(struct findings *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(f, true, true, format, ap);
	va_end(ap);
}

void findings_remark(struct findings *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(f, false, false, format, ap);
	va_end(ap);
}

const struct finding *findings_refusal(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->finding[i].refuse)
			return &f->finding[i];
	return NULL;
}

bool findings_only_holders(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->finding[i].refuse && !f->finding[i].holder)
			return false;
	return findings_refusal(f) != NULL;
}
