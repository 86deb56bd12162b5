// SPDX-License-Identifier: GPL-2.0-or-later
/* fw.c - make the kernel have the forwards that lists say, in one batch */

#include "fw.h"

#include "fw-parts.h"

#include "clock.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

/* eight writers at once were seen to try seven times */
#define TRIES_MAX 100

/**
 * struct attempt - One look and one batch
 * @q:        What is wanted
 * @nl:       Owned. Socket
 * @table, @head: What is there
 * @mark:     That it shall have
 * @by_tag:   What the VM has is read from the kernel, not from its list
 * @rebuild:  The table is made anew, whatever is there
 */
struct attempt {
	const struct fw_request *q;
	struct mnl_socket *nl;
	struct fw_batch batch;
	struct fw_table table;
	struct fw_head head[FW_HEADS];
	uint32_t mark;
	bool by_tag;
	bool rebuild;
};

static bool is_anything_left(const struct fw_request *q)
{
	if (forwards_any(q->now))
		return true;
	for (size_t i = 0; i < q->n_others; i++)
		if (forwards_any(&q->others[i]))
			return true;
	return false;
}

static int put_list(struct fw_batch *b, const struct forwards *f)
{
	struct fw_elements e = { 0 };
	int r = fw_elements_of(f, &e);

	if (r == 0)
		fw_elements_put(b, NFT_MSG_NEWSETELEM, &e, f->tag);
	fw_elements_free(&e);
	return r;
}

static int build(struct attempt *a)
{
	const struct fw_request *q = a->q;
	int r = 0;

	if (a->table.exists)
		fw_table_delete(&a->batch);
	fw_table_make(&a->batch, a->mark);
	for (size_t i = 0; i < q->n_others && r == 0; i++)
		r = put_list(&a->batch, &q->others[i]);
	return r == 0 && q->now ? put_list(&a->batch, q->now) : r;
}

/* What the VM has, and what it shall have, without what is in both */
static int change(struct attempt *a)
{
	const struct fw_request *q = a->q;
	struct fw_elements old = { 0 }, now = { 0 }, gone = { 0 };
	int r;

	if (!q->vm)
		return 0;
	r = fw_elements_of(q->now, &now);
	if (r == 0)
		r = a->by_tag ? fw_elements_find(a->nl, q->vm, &old)
			      : fw_elements_of(q->old, &old);
	if (r == 0 && old.n) {
		gone.list = reallocarray(NULL, old.n, sizeof(*gone.list));
		gone.n = gone.size = old.n;
		r = gone.list ? 0 : -ENOMEM;
	}
	if (r == 0 && old.n) {
		memcpy(gone.list, old.list, old.n * sizeof(*gone.list));
		fw_elements_less(&gone, &now);
		fw_elements_less(&now, &old);
		r = fw_elements_shared(&gone, q->others, q->n_others);
	}
	if (r == 0) {
		/* an element may come again with another guest: first all that go */
		fw_elements_put(&a->batch, NFT_MSG_DELSETELEM, &gone, NULL);
		fw_elements_put(&a->batch, NFT_MSG_NEWSETELEM, &now, q->vm);
	}
	fw_elements_free(&gone);
	fw_elements_free(&now);
	fw_elements_free(&old);
	return r;
}

/* How many elements all lists have together; what VMs share counts once */
static int count_wanted(const struct fw_request *q, size_t *ret)
{
	struct forwards all = { 0 };
	struct fw_elements e = { 0 };
	int r = 0;

	for (size_t i = 0; i <= q->n_others && r == 0; i++) {
		const struct forwards *f = i < q->n_others ? &q->others[i] : q->now;

		for (size_t k = 0; f && k < f->n && r == 0; k++)
			r = forwards_add(&all, &f->list[k]);
	}
	if (r == 0)
		r = fw_elements_of(&all, &e);
	*ret = e.n;
	fw_elements_free(&e);
	forwards_free(&all);
	return r;
}

/* A repair, and somebody has taken elements out of our sets, or put some in? */
static int check_elements(struct attempt *a)
{
	struct fw_elements have = { 0 };
	size_t wanted = 0;
	int r;

	if (a->q->vm || !a->q->thorough || !a->table.whole)
		return 0;
	r = fw_elements_find(a->nl, NULL, &have);
	if (r == 0)
		r = count_wanted(a->q, &wanted);
	if (r == 0 && have.n != wanted)
		a->rebuild = true;
	fw_elements_free(&have);
	return r;
}

static int look(struct attempt *a, uint32_t *generation)
{
	int r = fw_generation(a->nl, generation);

	if (r == 0)
		r = fw_table_read(a->nl, &a->table);
	a->mark = a->q->mark ? a->q->mark : a->table.mark ? a->table.mark : FW_MARK;
	if (r == 0)
		r = fw_heads_read(a->nl, a->mark, a->table.mark, a->head);
	if (r == 0)
		r = check_elements(a);
	return r;
}

static int try_once(struct attempt *a, struct fw_result *ret)
{
	const struct fw_request *q = a->q;
	bool wanted = is_anything_left(q);
	uint32_t generation = 0;
	int r = look(a, &generation);

	if (r < 0)
		return r;
	*ret = (struct fw_result){ .tries = ret->tries };
	fw_batch_begin(&a->batch, generation);
	if (wanted && a->table.whole && a->table.mark == a->mark && !a->rebuild) {
		r = change(a);
	} else if (wanted) {
		ret->built = true;
		r = build(a);
	} else if (a->table.exists) {
		fw_table_delete(&a->batch);
	}
	ret->heads = fw_heads_put(&a->batch, a->mark, wanted, a->head);
	for (size_t i = 0; i < FW_HEADS; i++)
		ret->blocked |= wanted && a->head[i].blocked;
	if (r < 0 || a->batch.n == 0)
		return r;
	ret->tries++;
	return fw_batch_send(&a->batch, a->nl);
}

/* Whether it is worth to try again, and how */
static bool once_more(struct attempt *a, int error)
{
	switch (error) {
	case -ERESTART: /* another generation */
	case -EBUSY:
	case -EINTR: /* it changed while it was read */
	case -EAGAIN:
		return true;
	case -ENOENT: /* the list does not fit what is there */
		if (a->by_tag && a->rebuild)
			return false;
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
		    "the kernel does not take the rules (%s): it needs nf_tables with nat, fib and concatenated ranges (Linux 5.6)",
		    strerror(-r));
		return;
	case -ERESTART:
	case -EBUSY:
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
	int r = fw_socket_open(0, &a.nl);

	for (int i = 0; r == 0 && i < TRIES_MAX; i++) {
		r = try_once(&a, &result);
		if (r == 0 || !once_more(&a, r))
			break;
		if (i > 10)
			clock_sleep(1);
		if (i + 1 < TRIES_MAX)
			r = 0;
	}
	fw_batch_free(&a.batch);
	fw_socket_close(&a.nl);
	if (r < 0) {
		explain(r, ret_why);
		return r == -ERESTART || r == -EBUSY || r == -EINTR ? -EAGAIN : r;
	}
	*ret = result;
	return 0;
}
