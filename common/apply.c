// SPDX-License-Identifier: GPL-2.0-or-later
/* apply.c - observe a plan, run it against a ledger, take a ledger back */

#include "apply.h"

#include "clock.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* once the kernel did not answer, it is not waited for at length again */
#define HUNG_DEADLINE_MS 2000

static bool same(const struct kind *k, const char *want, const char *have)
{
	return k->same ? k->same(want, have) : strcmp(want, have) == 0;
}

static void explain(const struct kind *k, const struct step *s, const char *to, int r,
		    char ret_why[static WHY_LEN])
{
	const char *remedy = k && k->remedy ? k->remedy(r) : NULL;

	if (r == -EBADMSG && k && k->shared)
		remedy =
			"another VM's ledger in /run/virt-handoff/ledger cannot be read, and may need it; look whose it is, then remove that file";

	why(ret_why, "%s %s cannot be set to '%s' (%s): %s", s->kind, s->target, to,
	    strerror(-r), remedy ? remedy : "look at dmesg and the journal");
}

static int observe_step(struct host *h, const struct ledgers *others, struct step *s,
			bool *ret_needed)
{
	const struct kind *k = kind_find(h, s->kind);
	const struct step *sharer =
		k && k->shared && !s->keep ? ledgers_sharer(others, s) : NULL;
	int r;

	if (!k)
		return -EOPNOTSUPP;
	if (sharer) {
		*ret_needed = true;
		return text_copy(s->from, sizeof(s->from), sharer->from);
	}
	r = k->get(h, s->target, s->from);
	*ret_needed = r == 0 && !same(k, s->to, s->from);
	/* it may have lost its driver with the module that another VM has unloaded */
	if (*ret_needed && k->any && strcmp(s->from, k->without) == 0 &&
	    ledgers_unload(others))
		r = text_copy(s->from, sizeof(s->from), k->any);
	return r;
}

int plan_observe(struct host *h, const struct ledgers *others, struct plan *plan,
		 char ret_why[static WHY_LEN])
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->n; i++) {
		struct step *s = &plan->steps[i];
		bool needed;
		int r = observe_step(h, others, s, &needed);

		if (r < 0) {
			explain(kind_find(h, s->kind), s, s->to, r, ret_why);
			return r;
		}
		if (needed)
			plan->steps[kept++] = *s;
	}
	plan->n = kept;
	return 0;
}

/*
 * A shared thing is set under a lock, so that a VM that leaves and one that comes do not
 * each wait for the other to have put it right.
 */
static int lock_shared(const struct host *h, const struct kind *k, const struct step *s,
		       const struct report *rep, struct lock *l)
{
	char name[NAME_LEN], unused[WHY_LEN];
	int r;

	*l = LOCK_NONE;
	if (!k->shared)
		return 0;
	r = text_format(name, sizeof(name), "%s%s%s", k->name, k->apart ? ":" : "",
			k->apart ? s->target : "");
	return r < 0 ? r : lock_take(h, name, rep->who, LOCK_WAIT_MS, l, unused);
}

static int set_timed(struct host *h, const struct kind *k, const struct step *s,
		     const char *state, unsigned int *ret_ms)
{
	uint64_t begin = clock_ms();
	int r = k->set(h, s->target, state);

	*ret_ms = (unsigned int)(clock_ms() - begin);
	if (r == -ETIME)
		h->deadline_ms = HUNG_DEADLINE_MS;
	return r;
}

static int apply_step(struct host *h, struct ledger *l, size_t i,
		      const struct report *rep)
{
	const struct step *s = &l->steps[i].step;
	const struct kind *k = kind_find(h, s->kind);
	struct lock lock;
	unsigned int ms = 0;
	int r = k ? lock_shared(h, k, s, rep, &lock) : -EOPNOTSUPP;

	if (r < 0)
		return r;
	r = ledger_mark(l, i, LEDGER_WILL);
	if (r == 0)
		r = set_timed(h, k, s, s->to, &ms);
	if (r == 0)
		r = ledger_mark(l, i, LEDGER_DID);
	lock_drop(&lock);
	rep->step(s, r < 0 ? OUTCOME_FAILED : OUTCOME_DONE, r, ms);
	return r;
}

int apply(struct host *h, struct ledger *l, const struct report *rep,
	  char ret_why[static WHY_LEN])
{
	for (size_t i = 0; i < l->n_steps; i++) {
		int r = l->steps[i].state == LEDGER_PLANNED ? apply_step(h, l, i, rep)
							    : 0;

		if (r < 0) {
			explain(kind_find(h, l->steps[i].step.kind), &l->steps[i].step,
				l->steps[i].step.to, r, ret_why);
			return r;
		}
	}
	return 0;
}

/* 1 when there is something to do, 0, or -errno */
static int observe_plain(struct host *h, const struct kind *k, struct step *s)
{
	int r = k ? k->get(h, s->target, s->from) : -EOPNOTSUPP;

	return r < 0 ? r : !same(k, s->to, s->from);
}

int apply_plain(struct host *h, struct plan *plan, const struct report *rep,
		char ret_why[static WHY_LEN])
{
	unsigned int deadline_ms = h->deadline_ms;

	for (size_t i = 0; i < plan->n; i++) {
		struct step *s = &plan->steps[i];
		const struct kind *k = kind_find(h, s->kind);
		unsigned int ms = 0;
		int r = observe_plain(h, k, s);

		if (r == 0)
			continue;
		if (r > 0)
			r = set_timed(h, k, s, s->to, &ms);
		h->deadline_ms = deadline_ms;
		rep->step(s, r < 0 ? OUTCOME_FAILED : OUTCOME_DONE, r, ms);
		if (r < 0) {
			explain(k, s, s->to, r, ret_why);
			return r;
		}
	}
	return 0;
}

/* what is to be done about a step that was done: OUTCOME_BACK means give it back */
static enum outcome judge(struct host *h, const struct kind *k, const struct step *s,
			  int *ret_r)
{
	char now[STATE_LEN];

	*ret_r = k->get(h, s->target, now);
	if (*ret_r == -ETIME)
		h->deadline_ms = HUNG_DEADLINE_MS;
	if (*ret_r == -ENODEV || *ret_r == -ENOENT)
		return OUTCOME_GONE;
	if (*ret_r < 0)
		return OUTCOME_FAILED;
	if (strcmp(now, s->from) == 0)
		/* it is back already: libvirt gave a managed device back */
		return OUTCOME_DONE;
	return same(k, s->to, now) || same(k, s->from, now) ? OUTCOME_BACK
							    : OUTCOME_CHANGED;
}

/* of set it may also mean that a driver is not loaded */
static bool is_gone(struct host *h, const struct kind *k, const struct step *s)
{
	char now[STATE_LEN];
	int r = k->get(h, s->target, now);

	return r == -ENODEV || r == -ENOENT;
}

/* 1, 0, or -errno: a ledger that cannot be read may say so, or not */
static int others_unload(const struct host *h, const struct ledger *l)
{
	CLEANUP(ledgers_free) struct ledgers others = { 0 };
	char unused[WHY_LEN];
	int r = ledgers_read(h, l->uuid, &others, unused);

	return r < 0 ? r : ledgers_unload(&others);
}

/*
 * The module of its driver is another VM's to load again, or this one's, when it stops: then
 * the kernel gives it back.
 */
static enum outcome leave_to_kernel(struct host *h, const struct ledger *l,
				    const struct kind *k, const struct step *s,
				    int *ret_r, unsigned int *ret_ms)
{
	if (!k->any || (!ledger_unloads(l) && others_unload(h, l) <= 0))
		return OUTCOME_FAILED;
	*ret_r = set_timed(h, k, s, k->any, ret_ms);
	return *ret_r < 0 ? OUTCOME_FAILED : OUTCOME_LEFT;
}

static enum outcome give_back(struct host *h, struct ledger *l, size_t i,
			      const struct kind *k, int *ret_r, unsigned int *ret_ms)
{
	const struct step *s = &l->steps[i].step;

	if (l->steps[i].state == LEDGER_DID) {
		enum outcome o = judge(h, k, s, ret_r);

		if (o != OUTCOME_BACK)
			return o;
		/*
		 * when it cannot be written down, giving back is still better than not
		 */
		(void)ledger_mark(l, i, LEDGER_BACK);
	}
	*ret_r = set_timed(h, k, s, s->from, ret_ms);
	if (*ret_r == -ENODEV || (*ret_r == -ENOENT && is_gone(h, k, s)))
		return OUTCOME_GONE;
	if (*ret_r == -ENOENT)
		return leave_to_kernel(h, l, k, s, ret_r, ret_ms);
	return *ret_r < 0 ? OUTCOME_FAILED : OUTCOME_BACK;
}

/* 1, 0, or -errno: a ledger that cannot be read may hold the thing, or not */
static int others_share(const struct host *h, const struct ledger *l,
			const struct step *s)
{
	CLEANUP(ledgers_free) struct ledgers others = { 0 };
	char unused[WHY_LEN];
	int r = ledgers_read(h, l->uuid, &others, unused);

	return r < 0 ? r : ledgers_sharer(&others, s) != NULL;
}

static int undo_step(struct host *h, struct ledger *l, size_t i, const struct report *rep)
{
	const struct step *s = &l->steps[i].step;
	const struct kind *k = kind_find(h, s->kind);
	struct lock lock;
	enum outcome o;
	unsigned int ms = 0;
	int r = k ? lock_shared(h, k, s, rep, &lock) : -EOPNOTSUPP;

	if (r < 0) {
		rep->step(s, OUTCOME_FAILED, r, 0);
		return r;
	}
	if (k->shared)
		r = others_share(h, l, s);
	if (r < 0)
		o = OUTCOME_FAILED;
	else if (r > 0)
		o = OUTCOME_SHARED;
	else
		o = give_back(h, l, i, k, &r, &ms);
	if (o != OUTCOME_FAILED) {
		r = 0;
		(void)ledger_mark(l, i, LEDGER_UNDID);
	}
	lock_drop(&lock);
	if (o != OUTCOME_DONE)
		rep->step(s, o, r, ms);
	return r;
}

/*
 * A planned step on a shared thing counts: another VM may have left it to this one to
 * give back.
 */
static bool is_due(const struct host *h, const struct ledger_step *s)
{
	const struct kind *k = kind_find(h, s->step.kind);

	if (s->step.keep || s->state == LEDGER_UNDID)
		return false;
	return s->state != LEDGER_PLANNED || (k && k->shared);
}

int undo_some(struct host *h, struct ledger *l,
	      bool (*wanted)(const struct step *s, const void *data), const void *data,
	      const struct report *rep, char ret_why[static WHY_LEN])
{
	int first = 0;

	for (size_t i = l->n_steps; i-- > 0;) {
		const struct step *s = &l->steps[i].step;
		int r = 0;

		if (is_due(h, &l->steps[i]) && (!wanted || wanted(s, data)))
			r = undo_step(h, l, i, rep);
		if (r < 0 && first == 0) {
			first = r;
			explain(kind_find(h, s->kind), s, s->from, r, ret_why);
		}
	}
	return first;
}

int undo(struct host *h, struct ledger *l, const struct report *rep,
	 char ret_why[static WHY_LEN])
{
	int r = undo_some(h, l, NULL, NULL, rep, ret_why);

	if (r < 0)
		return r;
	r = ledger_remove(h, l);
	if (r < 0)
		why(ret_why, "/run/virt-handoff/ledger/%s: %s", l->uuid, strerror(-r));
	return r;
}
