// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check.c - virt-handoff check: run every check, and say what it found */

#include "ctl.h"

#include "ctl-check.h"
#include "log.h"
#include "print.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct check_subject *const subjects[] = {
	&check_host,     &check_hooks, &check_daemon, &check_start,
	&check_cards,    &check_numa,  &check_domain, &check_ports,
	&check_forwards, &check_vgpus, &check_boot,   &check_habits,
};

struct check_finding *check_found(const struct check_at *at, const char *what, ...)
{
	static struct check_finding dropped;
	struct checkup *x = at->x;
	struct check_finding *f = &dropped;
	va_list args;

	if (!(x->n_found & (x->n_found - 1))) {
		size_t room = x->n_found ? 2 * x->n_found : 1;
		struct check_finding *more = reallocarray(x->found, room, sizeof(*more));

		x->failed |= !more;
		if (more)
			x->found = more;
	}
	if (!x->failed)
		f = &x->found[x->n_found++];
	*f = (struct check_finding){
		.check = at->check,
		.subject = at->subject,
		.severity = at->check->severity,
		.vm = at->v ? at->v->vm.guest.name : "",
	};
	va_start(args, what);
	vsnprintf(f->what, sizeof(f->what), what, args);
	va_end(args);
	text_clean(f->what);
	return f;
}

void check_mend(struct check_finding *f, const char *mend, ...)
{
	va_list args;

	va_start(args, mend);
	vsnprintf(f->mend, sizeof(f->mend), mend, args);
	va_end(args);
	text_clean(f->mend);
}

/* a card is looked at when a VM takes it; of all others of the host the GPUs */
static bool is_looked_at(const struct checkup *x, const struct card *c,
			 const struct check_vm *taker)
{
	if (x->only)
		return taker == x->only;
	return taker || (card_is_gpu(c) && !c->vf);
}

static void run_cards(struct check_at at)
{
	struct checkup *x = at.x;

	for (size_t i = 0; i < x->cards.n; i++) {
		at.card = &x->cards.card[i];
		at.v = x->taker[i];
		if (is_looked_at(x, at.card, at.v))
			at.check->run(&at);
	}
}

static void run_vms(struct check_at at)
{
	struct checkup *x = at.x;

	for (size_t i = 0; i < x->n_vms; i++) {
		at.v = &x->vm[i];
		if (!x->only || at.v == x->only)
			at.check->run(&at);
	}
}

static void run(struct checkup *x, const struct check_subject *s, const struct check *k)
{
	struct check_at at = { .x = x, .check = k, .subject = s->name };

	if (!k->run)
		return;
	if (k->about == CHECK_CARD)
		run_cards(at);
	else if (k->about == CHECK_VM)
		run_vms(at);
	else
		k->run(&at);
}

/* what would make a start fail comes first; else in the order of the tables */
static void sort(struct checkup *x)
{
	struct check_finding *sorted = calloc(x->n_found + 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return;
	for (int s = CHECK_FAIL; s >= CHECK_NOTE; s--)
		for (size_t i = 0; i < x->n_found; i++)
			if ((int)x->found[i].severity == s)
				sorted[n++] = x->found[i];
	free(x->found);
	x->found = sorted;
}

static int status(const struct checkup *x)
{
	if (x->n_found == 0 || x->found[0].severity == CHECK_NOTE)
		return CTL_DONE;
	return x->found[0].severity == CHECK_FAIL ? CTL_FAILED : CTL_LOOK;
}

static int examine(struct checkup *x)
{
	int r = checkup_try(x);

	if (r == 0)
		r = checkup_find_takers(x);
	for (size_t i = 0; i < ARRAY_LEN(subjects) && r == 0; i++)
		for (const struct check *k = subjects[i]->check; k->id; k++)
			run(x, subjects[i], k);
	sort(x);
	if (x->failed)
		r = -ENOMEM;
	return r;
}

int ctl_check(struct ctl *c, int argc, char *argv[])
{
	char sentence[WHY_LEN];
	struct checkup x;
	int r, ret;

	if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
		return ctl_usage("check [VM]");
	r = checkup_look(c, argv[1], &x, sentence);
	if (r < 0) {
		log_err("%s", sentence);
	} else {
		r = examine(&x);
		if (r == 0)
			r = checkup_print(&x);
		if (r < 0)
			log_errno(r, "check");
	}
	ret = r < 0 ? CTL_FAILED : status(&x);
	checkup_free(&x);
	return ret;
}
