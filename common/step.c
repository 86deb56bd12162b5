// SPDX-License-Identifier: GPL-2.0-or-later
/* step.c - a plan is an array of steps that only grows */

#include "step.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* one card with two functions fits without a second allocation */
#define PLAN_CHUNK 16

static int step_fill(struct step *s, const char *kind, const char *target,
		     const char *from, const char *to, bool keep)
{
	int r = text_copy(s->kind, sizeof(s->kind), kind);

	if (r == 0)
		r = text_copy(s->target, sizeof(s->target), target);
	if (r == 0)
		r = text_copy(s->from, sizeof(s->from), from);
	if (r == 0)
		r = text_copy(s->to, sizeof(s->to), to);
	s->keep = keep;
	return r;
}

int plan_add(struct plan *p, const char *kind, const char *target, const char *from,
	     const char *to, bool keep)
{
	int r;

	if (strcmp(from, to) == 0)
		return 0;
	if (p->n == PLAN_MAX)
		return -E2BIG;
	if (p->n % PLAN_CHUNK == 0) {
		struct step *more =
			reallocarray(p->steps, p->n + PLAN_CHUNK, sizeof(*more));

		if (!more)
			return -ENOMEM;
		p->steps = more;
	}
	r = step_fill(&p->steps[p->n], kind, target, from, to, keep);
	if (r == 0)
		p->n++;
	return r;
}

bool step_is_clean(const struct step *s)
{
	return text_is_clean(s->kind) && text_is_clean(s->target) &&
	       text_is_clean(s->from) && text_is_clean(s->to);
}

void plan_free(struct plan *p)
{
	free(p->steps);
	*p = (struct plan){ 0 };
}

const struct kind *kind_find(const struct host *h, const char *name)
{
	for (const struct kind *const *k = h->kinds; k && *k; k++)
		if (strcmp((*k)->name, name) == 0)
			return *k;
	return NULL;
}
