// SPDX-License-Identifier: GPL-2.0-or-later
/* fw.c - make the kernel have the forwards that lists say, in one batch */

#include "fw.h"

#include "fw-parts.h"

#include "clock.h"

#include <errno.h>
#include <string.h>

#define TRIES_MAX 100
/* so many looks with nobody else at work are waited for, then two that agree are enough */
#define TRIES_QUIET 4

/**
 * struct view - What is there
 * @differs:  The sets have other elements than the lists say; looked at in a repair only
 */
struct view {
	struct fw_table table;
	struct fw_head head[FW_HEADS];
	bool differs;
};

/**
 * struct attempt - One look and one batch
 * @q:        What is wanted
 * @link:     Owned
 * @now:      What was seen, and in @last the time before
 * @mark:     That it shall have
 * @by_tag:   What the VM has is read from the kernel, not from its list
 * @rebuild:  The table is made anew, whatever is there
 * @hasty:    Others write all the time
 */
struct attempt {
	const struct fw_request *q;
	struct fw_link link;
	struct fw_batch batch;
	struct view now, last;
	uint32_t mark;
	bool by_tag;
	bool rebuild;
	bool hasty;
};

/* A repair, and somebody has taken elements out of our sets, or put some in? */
static int check_elements(struct attempt *a)
{
	if (a->q->vm || !a->q->thorough || !a->now.table.whole)
		return 0;
	return fw_compare(&a->link, a->q, &a->now.differs);
}

static bool same_view(const struct view *a, const struct view *b)
{
	bool same = a->table.exists == b->table.exists &&
		    a->table.whole == b->table.whole && a->table.mark == b->table.mark &&
		    a->differs == b->differs;

	for (size_t i = 0; i < FW_HEADS && same; i++)
		same = fw_head_equal(&a->head[i], &b->head[i]);
	return same;
}

/*
 * Who writes to the ruleset more often than it can be read makes every answer torn and
 * every generation stale, with tables that are not our business. So after a few tries
 * what two looks in a row show is taken for true, and the batch goes without a
 * generation: the handles and elements in it must be there all the same.
 */
static int look(struct attempt *a, uint32_t *generation)
{
	struct view *v = &a->now;
	int r;

	a->last = *v;
	*v = (struct view){ 0 };
	/* a torn answer was read to its end; closing may wait for the kernel's RCU, 10 ms */
	r = a->link.torn ? 0 : fw_link_open(&a->link);
	a->link.torn = false;
	if (r == 0)
		r = fw_generation(&a->link, generation);
	if (r == 0)
		r = fw_table_read(&a->link, &v->table);
	a->mark = a->q->mark ? a->q->mark : v->table.mark ? v->table.mark : FW_MARK;
	if (r == 0)
		r = fw_heads_read(&a->link, a->mark, v->head);
	if (r == 0)
		r = check_elements(a);
	if (r == 0 && a->link.torn && !(a->hasty && same_view(v, &a->last)))
		return -EINTR;
	if (a->hasty)
		*generation = 0;
	return r;
}

static int build(struct attempt *a)
{
	return fw_build(&a->batch, a->q, a->mark, a->now.table.exists);
}

static int change(struct attempt *a)
{
	/* an answer that may be torn cannot say what is to be deleted */
	if (a->q->vm && a->by_tag && a->hasty)
		return build(a);
	return fw_change(&a->batch, a->q, a->by_tag ? &a->link : NULL);
}

static int fill(struct attempt *a)
{
	const struct view *v = &a->now;
	bool wanted = fw_is_wanted(a->q), whole = v->table.whole && !v->differs;
	int r = 0;

	if (wanted && whole && v->table.mark == a->mark && !a->rebuild)
		r = change(a);
	else if (wanted)
		r = build(a);
	else if (v->table.exists)
		fw_table_delete(&a->batch);
	fw_heads_put(&a->batch, a->mark, wanted, v->head);
	return r;
}

/* a look, and the batch that would make it right: none when it is right */
static int prepare(struct attempt *a)
{
	uint32_t generation = 0;
	int r = look(a, &generation);

	if (r < 0)
		return r;
	fw_batch_begin(&a->batch, generation);
	r = fill(a);
	/* what the VM has was read from the kernel, and others changed it meanwhile */
	return r == 0 && a->link.torn && !a->hasty ? -EINTR : r;
}

static int try_once(struct attempt *a, struct fw_result *ret)
{
	int r = prepare(a);

	if (r == -EINTR)
		return r;
	ret->blocked = false;
	for (size_t i = 0; i < FW_HEADS; i++)
		ret->blocked |= fw_is_wanted(a->q) && a->now.head[i].blocked;
	if (r < 0)
		return r;
	/* nothing to do, or no memory to say what */
	if (a->batch.n == 0)
		return a->batch.error;
	ret->tries++;
	return fw_batch_send(&a->batch, &a->link);
}

/* Whether it is worth to try again, and how */
static bool once_more(struct attempt *a, int error)
{
	switch (error) {
	case -ERESTART: /* another generation */
	case -EBUSY:
	case -EINTR: /* it changed while it was read */
	case -EAGAIN:
	case -ENOSPC: /* an answer that does not fit, or none */
	case -EBADMSG:
		return true;
	case -ENOBUFS: /* done or not done: look */
		a->by_tag = true;
		return true;
	case -ENOENT: /* the list does not fit what is there */
		if (a->by_tag && a->rebuild)
			return a->hasty;
		a->rebuild = a->by_tag;
		a->by_tag = true;
		return true;
	case -EEXIST: /* an element of nobody's list is in the way */
	case -ENOTEMPTY:
		if (a->rebuild)
			return false;
		a->rebuild = true;
		return true;
	default:
		return false;
	}
}

static void explain(int r, char ret_why[static WHY_LEN])
{
	switch (r) {
	case -EPERM:
	case -EACCES:
		why(ret_why, "the firewall may be changed by root alone");
		return;
	case -EPROTONOSUPPORT:
	case -EOPNOTSUPP:
	case -EINVAL:
		why(ret_why,
		    "the kernel does not take the rules (%s): it needs nf_tables with nat, fib, connection labels and concatenated ranges (Linux 5.6)",
		    strerror(-r));
		return;
	case -ERESTART:
	case -EBUSY:
	case -EINTR:
		why(ret_why,
		    "somebody else changes the firewall all the time: gave up after %d tries",
		    TRIES_MAX);
		return;
	default:
		why(ret_why, "the kernel refuses the forwards: %s", strerror(-r));
	}
}

int fw_apply(const struct fw_request *q, struct fw_result *ret,
	     char ret_why[static WHY_LEN])
{
	struct attempt a = { .q = q, .by_tag = q->vm && !q->old };
	struct fw_result result = { 0 };
	int r = -EAGAIN;

	for (int i = 0; i < TRIES_MAX; i++) {
		a.hasty = i >= TRIES_QUIET;
		r = try_once(&a, &result);
		if (r == 0 || !once_more(&a, r))
			break;
		if (i > 10)
			clock_sleep(1);
	}
	fw_batch_free(&a.batch);
	fw_link_close(&a.link);
	if (r < 0) {
		explain(r, ret_why);
		return r == -ERESTART || r == -EBUSY || r == -EINTR ? -EAGAIN : r;
	}
	*ret = result;
	return 0;
}

int fw_check(const struct fw_request *q, bool *ret_same, char ret_why[static WHY_LEN])
{
	struct attempt a = { .q = q };
	int r = -EAGAIN;

	for (int i = 0; i < TRIES_MAX; i++) {
		a.hasty = i >= TRIES_QUIET;
		r = prepare(&a);
		if (r == 0 || !once_more(&a, r))
			break;
	}
	/* nothing to do, or no memory to say what */
	if (r == 0 && a.batch.n == 0)
		r = a.batch.error;
	*ret_same = r == 0 && a.batch.n == 0;
	fw_batch_free(&a.batch);
	fw_link_close(&a.link);
	if (r < 0)
		explain(r, ret_why);
	return r;
}
