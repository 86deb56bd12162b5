// SPDX-License-Identifier: GPL-2.0-or-later
/* placement-choose.c - where a wish is fulfilled best */

#include "placement-parts.h"

#include <stdlib.h>
#include <string.h>

/**
 * struct look - What was seen of the parents of one card
 * @typed:   Some make vGPUs with types, asked for or not
 * @scope:   How many "gpu = " leaves
 * @sorted:  Of these, how many have types as the wish has, or none as it has none
 * @candidates: Of these, how many may be the wish's: a mediated device can be given to any
 *           VM, a function only to the one whose XML has it
 * @free:    Of these, how many are nobody's
 * @taken:   One that is somebody's
 * @offers:  The first that is free and offers the type
 * @spare:   The first that would do, if the VM were given it
 * @untyped: One that has no types, and was named or given to the VM
 * @no_uuid: A mediated device could be made, but has no name
 */
struct look {
	bool typed, no_uuid;
	size_t scope, sorted, candidates, free;
	const struct vgpu_parent *taken, *offers, *spare, *untyped;
};

static bool has_types(const struct vgpu_parent *p)
{
	return p->framework == VGPU_MDEV || p->framework == VGPU_VENDOR;
}

bool target_has(const struct target *g, const struct vgpu_parent *p)
{
	return (!g->parent || g->parent == p) && (g->index < 0 || g->index == p->index);
}

bool wish_has_function(const struct table *t, const struct wish *w,
		       const struct vgpu_parent *p)
{
	const struct bdf *b = &t->bdf[p - t->v->parent];

	for (size_t i = 0; i < w->n_functions; i++)
		if (bdf_equal(&w->functions[i], b))
			return true;
	return false;
}

/* one that makes what the wish asks for */
static void look_at_place(const struct table *t, const struct wish *w,
			  const struct vgpu_parent *p, size_t type, struct look *l)
{
	bool taken = p->index >= 0 && seat_is_taken(table_seat(t, p));
	bool offers = !taken && (!w->conf->type[0] || parent_offer(p, type) > 0);

	if (p->framework == VGPU_MDEV && !w->uuid[0]) {
		l->no_uuid = true;
	} else if (p->framework != VGPU_MDEV && !wish_has_function(t, w, p)) {
		if (offers && !l->spare)
			l->spare = p;
	} else {
		l->candidates++;
		l->free += !taken;
		if (taken)
			l->taken = p;
		if (offers &&
		    (!l->offers || (table_awaits(t, l->offers) && !table_awaits(t, p))))
			l->offers = p;
	}
}

static void look_at(const struct table *t, const struct wish *w, const struct target *g,
		    const struct vgpu_parent *p, size_t type, struct look *l)
{
	bool named = g->parent || g->index >= 0;

	l->typed |= has_types(p);
	if (!target_has(g, p))
		return;
	l->scope++;
	if (w->conf->type[0] ? has_types(p) : p->framework == VGPU_VF) {
		l->sorted++;
		look_at_place(t, w, p, type, l);
	} else if (!has_types(p) && (named || wish_has_function(t, w, p))) {
		l->untyped = p;
	}
}

/* nobody can have any vGPU of it */
static bool is_useless(const struct board *b, enum verdict *ret)
{
	const struct vgpu_card *card = b->card;

	if (card->vm[0] || strstr(card->driver, "vfio"))
		*ret = VERDICT_IN_USE;
	else if (b->conf && b->conf->expected &&
		 (b->conf->id.vendor != card->id.vendor ||
		  b->conf->id.device != card->id.device))
		*ret = VERDICT_OTHER_CARD;
	else
		return false;
	return true;
}

/* nothing that "gpu = " leaves makes what the wish asks for */
static enum verdict judge_sort(const struct wish *w, const struct look *l,
			       struct choice *c)
{
	const struct vgpu_card *card = c->board->card;

	c->parent = l->untyped;
	if (card->n_vfs == 0 && card->total_vfs > 0 && l->scope == 0)
		return VERDICT_NO_VFS;
	if (!w->conf->type[0])
		return l->typed ? VERDICT_TYPED : VERDICT_BARE;
	if (l->untyped && (l->typed || card_is_nvidia(card)) &&
	    strcmp(l->untyped->driver, card->driver) != 0)
		return VERDICT_DRIVER;
	return l->scope == 0 || card_is_nvidia(card) ? VERDICT_BARE : VERDICT_UNTYPED;
}

/* Whether a time-sliced type of the same product, "A40-", but of another size is there */
static bool is_other_size(const struct board *b, const char *asked)
{
	const char *want = type_bare(asked), *dash = strrchr(want, '-');

	for (size_t i = 0; dash && b->size_mib && i < b->card->n_types; i++) {
		const struct vgpu_type *type = &b->card->type[i];
		const char *have = type_bare(type->name);
		size_t len = (size_t)(dash + 1 - want);

		if (type->size_mib == b->size_mib && strncasecmp(have, want, len) == 0)
			return strtoul(have + len, NULL, 10) !=
			       strtoul(want + len, NULL, 10);
	}
	return false;
}

/* none of those that make what the wish asks for may be the wish's */
static enum verdict judge_gift(const struct look *l, struct choice *c)
{
	c->parent = l->untyped ?: l->spare;
	if (l->untyped)
		return VERDICT_DRIVER;
	return l->no_uuid ? VERDICT_NO_UUID : VERDICT_NO_FUNCTION;
}

/*
 * The vendor framework lists only what can still be made: a type that is missing there may be
 * of another size than the vGPUs that are there, or there may be no room for any.
 */
static enum verdict judge_missing(const struct table *t, const struct board *b,
				  const char *asked)
{
	bool lists_some = b->vgpus == 0;

	if (t->v->parent[b->first].framework != VGPU_VENDOR)
		return VERDICT_NO_TYPE;
	if (is_other_size(b, asked) && !(b->conf && b->conf->mixed))
		return VERDICT_SIZE;
	for (size_t i = 0; i < b->card->n_types; i++)
		lists_some |= b->have[i] == 0;
	return lists_some ? VERDICT_NO_TYPE : VERDICT_FULL;
}

static enum verdict judge_room(const struct table *t, const struct wish *w,
			       const struct look *l, struct choice *c)
{
	const struct board *b = c->board;
	enum verdict missing = VERDICT_FITS;

	if (w->conf->type[0] && c->type == TYPE_NONE)
		missing = judge_missing(t, b, w->conf->type);
	if (missing == VERDICT_NO_TYPE)
		return missing;
	if (l->candidates == 0)
		return judge_gift(l, c);
	c->parent = l->offers ?: l->taken;
	if (l->free == 0 && (l->scope == 1 || l->taken->framework != VGPU_MDEV))
		return VERDICT_BUSY;
	if (c->type == TYPE_NONE)
		return missing;
	if (board_refuses_size(b, &b->card->type[c->type]))
		return VERDICT_SIZE;
	c->room = board_room(t, b, c->type);
	c->awaited = l->offers && table_awaits(t, l->offers);
	return l->offers && c->room > 0 ? VERDICT_FITS : VERDICT_FULL;
}

/* what could be the wish's is not known */
static enum verdict judge_silent(const struct table *t, const struct wish *w,
				 const struct board *b)
{
	for (size_t i = b->first; i < b->first + b->n; i++) {
		const struct vgpu_parent *p = &t->v->parent[i];

		if (p->framework == VGPU_MDEV && !w->uuid[0])
			return VERDICT_NO_UUID;
		if (p->framework == VGPU_MDEV || wish_has_function(t, w, p))
			return VERDICT_SILENT;
	}
	return VERDICT_NO_FUNCTION;
}

static struct choice judge(const struct table *t, const struct wish *w,
			   const struct target *g, const struct board *b)
{
	struct choice c = { .board = b, .type = TYPE_NONE };
	struct look l = { 0 };

	if (is_useless(b, &c.verdict))
		return c;
	if (b->card->silent) {
		c.verdict = judge_silent(t, w, b);
		return c;
	}
	if (w->conf->type[0])
		c.type = board_type(b, w->conf->type);
	for (size_t i = b->first; i < b->first + b->n; i++)
		look_at(t, w, g, &t->v->parent[i], c.type, &l);
	c.verdict = l.sorted ? judge_room(t, w, &l, &c) : judge_sort(w, &l, &c);
	return c;
}

/*
 * How much a card has to do with the wish. A network card without virtual functions is no
 * reason to speak of it; a GPU of host.ini is.
 */
static int rank(const struct choice *c)
{
	int near = c->board->conf ? 2 : card_is_nvidia(c->board->card);

	return c->verdict > VERDICT_NO_VFS ? 1000 + (int)c->verdict * 10 + near
					   : near * 10 + (int)c->verdict;
}

static bool is_better(const struct table *t, const struct choice *c,
		      const struct choice *best)
{
	if (c->verdict != VERDICT_FITS || best->verdict != VERDICT_FITS)
		return rank(c) > rank(best);
	if (c->awaited != best->awaited)
		return best->awaited;
	return t->conf->vgpus.spread ? c->room > best->room : c->room < best->room;
}

struct choice choose(const struct table *t, const struct wish *w, const struct target *g,
		     struct choice *all, size_t *ret_n)
{
	const struct choice *best = all;
	size_t n = 0;

	if (g->board)
		all[n++] = judge(t, w, g, g->board);
	for (size_t i = 0; !g->board && i < t->v->n_cards; i++) {
		all[n++] = judge(t, w, g, &t->board[i]);
		if (is_better(t, &all[i], best))
			best = &all[i];
	}
	*ret_n = n;
	return *best;
}
