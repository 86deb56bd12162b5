// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding-foresee.c - the forwards that a VM would get, found out without touching any */

#include "forwarding-parts.h"

#include <string.h>

/* what a start clears away first: the VM's own book, and those of VMs that are gone */
static void clear_in_mind(struct forwarding *x, const char *vm)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->books.n; i++) {
		struct book *b = &x->books.book[i];

		if (strcmp(b->forwards.vm, vm) == 0 || book_is_orphan(x->h, b))
			book_free(b);
		else
			x->books.book[kept++] = *b;
	}
	x->books.n = kept;
}

static int foresee(struct forwarding *x, const struct guest *g, const struct conf_vm *c,
		   bool here, struct forwards *ret, char ret_why[static WHY_LEN])
{
	struct book *b;
	int r = forwarding_look(x, true, here, ret_why);

	if (r < 0)
		return r;
	clear_in_mind(x, g->name);
	r = forwarding_open_book(x, g, &b);
	return r < 0 ? r : forwarding_plan(x, c, b, false, ret, ret_why);
}

/* as forwarding_claim() does: what cannot be found out is in the way of a required one */
static void note_failure(const struct conf_vm *c, struct findings *found,
			 const char *sentence)
{
	for (size_t i = 0; i < c->n_forwards; i++)
		if (c->forwards[i].required) {
			findings_refuse(
				found,
				"what becomes of the forwards of %s is not known: %s",
				c->shown, sentence);
			return;
		}
	findings_remark(found, "what becomes of the forwards of %s is not known: %s",
			c->shown, sentence);
}

void forwarding_foresee(struct host *h, const struct guest *g, const struct conf_vm *c,
			bool here, struct forwards *ret, struct findings *found)
{
	struct forwarding x = { .h = h, .found = found };
	char sentence[WHY_LEN] = "out of memory";

	if (c->n_forwards > 0 && foresee(&x, g, c, here, ret, sentence) < 0)
		note_failure(c, found, sentence);
	forwarding_forget(&x);
}
