// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-change.c - the lists of VMs as messages: all of them anew, or what one VM changes */

#include "fw-parts.h"

#include <linux/netfilter/nf_tables.h>

bool fw_is_wanted(const struct fw_request *q)
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

int fw_build(struct fw_batch *b, const struct fw_request *q, uint32_t mark, bool exists)
{
	int r = 0;

	if (exists)
		fw_table_delete(b);
	fw_table_make(b, mark);
	for (size_t i = 0; i < q->n_others && r == 0; i++)
		r = put_list(b, &q->others[i]);
	return r == 0 && q->now ? put_list(b, q->now) : r;
}

int fw_change(struct fw_batch *b, const struct fw_request *q, struct fw_link *by_tag)
{
	struct fw_elements old = { 0 }, now = { 0 };
	int r;

	if (!q->vm)
		return 0;
	r = fw_elements_of(q->now, &now);
	if (r == 0)
		r = by_tag ? fw_elements_find(by_tag, q->vm, &old)
			   : fw_elements_of(q->old, &old);
	if (r == 0) {
		fw_elements_part(&old, &now);
		r = fw_elements_shared(&old, q->others, q->n_others);
	}
	if (r == 0) {
		/* an element may come again with another guest: first all that go */
		fw_elements_put(b, NFT_MSG_DELSETELEM, &old, NULL);
		fw_elements_put(b, NFT_MSG_NEWSETELEM, &now, q->vm);
	}
	fw_elements_free(&now);
	fw_elements_free(&old);
	return r;
}

/* The elements of all lists together; what VMs share is there once */
static int list_wanted(const struct fw_request *q, struct fw_elements *ret)
{
	struct forwards all = { 0 };
	int r = 0;

	for (size_t i = 0; i <= q->n_others && r == 0; i++) {
		const struct forwards *f = i < q->n_others ? &q->others[i] : q->now;

		for (size_t k = 0; f && k < f->n && r == 0; k++)
			r = forwards_add(&all, &f->list[k]);
	}
	if (r == 0)
		r = fw_elements_of(&all, ret);
	forwards_free(&all);
	return r;
}

int fw_compare(struct fw_link *l, const struct fw_request *q, bool *ret_differs)
{
	struct fw_elements have = { 0 }, want = { 0 };
	int r = fw_elements_find(l, NULL, &have);

	if (r == 0)
		r = list_wanted(q, &want);
	if (r == 0)
		*ret_differs = !fw_elements_equal(&have, &want);
	fw_elements_free(&want);
	fw_elements_free(&have);
	return r;
}
