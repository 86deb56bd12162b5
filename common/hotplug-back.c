// SPDX-License-Identifier: GPL-2.0-or-later
/* hotplug-back.c - a running VM gives a function back, and what goes along with it */

#include "hotplug.h"

#include "holders.h"
#include "hotplug-parts.h"
#include "nodes.h"
#include "file.h"

#include <errno.h>
#include <string.h>

int members_find(const struct inventory *inv, const struct ledger *l, const struct bdf *b,
		 struct members *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < l->n_claims && ret->n < INVENTORY_MAX; i++) {
		struct bdf claim;

		if (bdf_parse(l->claims[i], &claim) < 0)
			return -EBADMSG;
		if (bdf_equal(&claim, b) || inventory_find(inv, &claim))
			memcpy(ret->name[ret->n++], l->claims[i], BDF_LEN);
	}
	return 0;
}

static bool is_member(const char *name, size_t len, const struct members *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (strlen(m->name[i]) == len && memcmp(m->name[i], name, len) == 0)
			return true;
	return false;
}

/* "0000:01:00.0", or "0000:01:00.0/d3cold_allowed" */
static bool is_of_members(const struct step *s, const void *data)
{
	return is_member(s->target, strcspn(s->target, "/"), data);
}

/**
 * struct leaving - What is given back together
 * @last:    The ledger claims no other function: what belongs to none of them goes too
 */
struct leaving {
	const struct host *host;
	const struct members *m;
	bool last;
};

static bool leaves(const struct step *s, const void *data)
{
	const struct leaving *x = data;
	const struct kind *k = kind_find(x->host, s->kind);

	return is_of_members(s, x->m) || (x->last && k && k->shared);
}

/* one that was killed has left it half way */
bool members_are_settled(const struct ledger *l, const struct members *m)
{
	for (size_t i = 0; i < l->n_steps; i++)
		if (l->steps[i].state != LEDGER_DID &&
		    is_of_members(&l->steps[i].step, m))
			return false;
	return true;
}

int members_check_closed(const struct host *h, const struct members *m,
			 char ret_why[static WHY_LEN])
{
	for (size_t i = 0; i < m->n; i++) {
		CLEANUP(nodes_free) struct nodes nodes = { .n = 0 };
		struct holders q = { .nodes = &nodes };
		char path[PATH_LEN], names[WHY_LEN / 2];
		int r = text_format(path, sizeof(path), "sys/bus/pci/devices/%s",
				    m->name[i]);

		if (r == 0)
			r = nodes_vfio(h, path, &nodes);
		if (r == 0)
			r = holders_find(h, &q, 1);
		if (r < 0 && r != -ENOENT)
			return r;
		if (q.n == 0)
			continue;
		holders_describe(q.holder, q.n, names, sizeof(names));
		why(ret_why,
		    "%s is still held by %s: it stays as it is until that has let it go",
		    m->name[i], names);
		return -EBUSY;
	}
	return 0;
}

static void drop_members(struct ledger *l, const struct members *m)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_claims; i++)
		if (!is_member(l->claims[i], strlen(l->claims[i]), m))
			memmove(l->claims[n++], l->claims[i], sizeof(l->claims[i]));
	l->n_claims = n;
	n = 0;
	for (size_t i = 0; i < l->n_steps; i++)
		if (l->steps[i].state != LEDGER_UNDID &&
		    !is_of_members(&l->steps[i].step, m))
			l->steps[n++] = l->steps[i];
	l->n_steps = n;
}

static bool is_empty(const struct ledger *l)
{
	for (size_t i = 0; i < l->n_steps; i++)
		if (!l->steps[i].step.keep)
			return false;
	return l->n_claims == 0;
}

int members_undo(struct host *h, struct ledger *l, const struct members *m,
		 const struct report *rep, char ret_why[static WHY_LEN])
{
	const struct leaving all = { h, m, m->n == l->n_claims };
	/* in one go: a function can go back to its driver only after the module has */
	int r = undo_some(h, l, leaves, &all, rep, ret_why);

	if (r < 0)
		return r;
	drop_members(l, m);
	r = is_empty(l) ? ledger_remove(h, l) : ledger_replace(h, l);
	if (r < 0)
		why(ret_why, "/run/virt-handoff/ledger/%s: %s", l->uuid, strerror(-r));
	return r;
}

static const struct guest_hostdev *still_has(const struct guest *g,
					     const struct inventory *inv)
{
	for (size_t i = 0; i < g->n_hostdevs; i++)
		if (inventory_find(inv, &g->hostdevs[i].bdf))
			return &g->hostdevs[i];
	return NULL;
}

int hotplug_give_back(struct host *h, const struct guest *g, const struct bdf *b,
		      const struct report *rep, char ret_kept[static BDF_LEN],
		      char ret_why[static WHY_LEN])
{
	CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
	CLEANUP(inventory_free) struct inventory inv = { 0 };
	const struct guest_hostdev *left;
	struct members m = { .n = 0 };
	int r = ledger_open(h, g->uuid, &l, ret_why);

	ret_kept[0] = '\0';
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	h->deadline_ms = l.deadline_ms;
	r = inventory_read(h, b, 1, &inv);
	if (r == 0)
		r = members_find(&inv, &l, b, &m);
	if (r < 0) {
		why(ret_why, "what goes along with it cannot be looked at: %s",
		    strerror(-r));
		return r;
	}
	left = still_has(g, &inv);
	if (left)
		bdf_format(&left->bdf, ret_kept);
	if (left || m.n == 0)
		return 0;
	r = members_check_closed(h, &m, ret_why);
	return r < 0 ? r : members_undo(h, &l, &m, rep, ret_why);
}
