// SPDX-License-Identifier: GPL-2.0-or-later
/* hotplug-ledger.c - the ledger of a running VM gets the claims and steps of a function more */

#include "hotplug-parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool claims_function(const struct ledger *l, const char *name)
{
	for (size_t i = 0; i < l->n_claims; i++)
		if (strcmp(l->claims[i], name) == 0)
			return true;
	return false;
}

static struct ledger_step *find_step(const struct ledger *l, const struct step *s)
{
	for (size_t i = 0; i < l->n_steps; i++) {
		const struct step *x = &l->steps[i].step;

		if (l->steps[i].state != LEDGER_UNDID && strcmp(x->kind, s->kind) == 0 &&
		    strcmp(x->target, s->target) == 0)
			return &l->steps[i];
	}
	return NULL;
}

/*
 * It is to be done again, and given back as it was before the first time. Behind the new
 * functions when it has to wait for them, as a module that drives one of them.
 */
static void do_again(struct ledger *l, struct ledger_step *s, bool behind)
{
	struct ledger_step again = { .step = s->step };
	struct ledger_step *last = &l->steps[l->n_steps - 1];

	if (behind) {
		memmove(s, s + 1, (size_t)(last - s) * sizeof(*s));
		s = last;
	}
	*s = again;
}

static void add_steps(const struct host *h, const struct plan *plan, struct ledger *l)
{
	bool behind = false;

	for (size_t i = 0; i < plan->n; i++) {
		const struct step *s = &plan->steps[i];
		const struct kind *k = kind_find(h, s->kind);
		struct ledger_step *there = find_step(l, s);

		behind |= k && !k->shared;
		if (!there)
			l->steps[l->n_steps++] = (struct ledger_step){ .step = *s };
		else if (k && k->shared)
			do_again(l, there, behind);
	}
}

int extend_ledger(const struct host *h, const struct taken *taken,
		  const struct plan *plan, struct ledger *l)
{
	void *more =
		reallocarray(l->claims, l->n_claims + taken->n + 1, sizeof(*l->claims));

	if (!more)
		return -ENOMEM;
	l->claims = more;
	more = reallocarray(l->steps, l->n_steps + plan->n + 1, sizeof(*l->steps));
	if (!more)
		return -ENOMEM;
	l->steps = more;
	for (size_t i = 0; i < taken->n; i++) {
		char name[BDF_LEN];

		bdf_format(&taken->bdf[i], name);
		if (!claims_function(l, name))
			memcpy(l->claims[l->n_claims++], name, sizeof(name));
	}
	add_steps(h, plan, l);
	return 0;
}
