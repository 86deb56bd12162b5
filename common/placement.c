// SPDX-License-Identifier: GPL-2.0-or-later
/* placement.c - which vGPU is made on which card, or why it cannot be */

#include "placement.h"

#include "placement-parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Theory of operation
 *
 *	placement.c         the order in which wishes are served; what is there already
 *	placement-target.c  what "gpu = " means
 *	placement-choose.c  each card is judged, and the best is chosen
 *	placement-table.c   what is on each card before the first place is given
 *	placement-room.c    what more fits
 *	placement-why.c     the sentences
 *	placement-words.c   and their parts
 *
 * All wishes are first compared with what is there, so that a vGPU that has been made for a
 * wish is not taken for another one; then those that name a virtual function choose, then
 * those that name a card, then the rest.
 */

/**
 * struct serving - One run of placement_make()
 * @target:  What each wish means; a wish that is refused has none
 * @all:     Room for a choice on each card
 */
struct serving {
	struct table table;
	struct target *target;
	bool *done;
	struct choice *all;
};

enum rank { RANK_FUNCTION, RANK_CARD, RANK_ANY, RANKS };

static enum rank rank(const struct target *g)
{
	if (g->parent || g->index >= 0)
		return RANK_FUNCTION;
	return g->board ? RANK_CARD : RANK_ANY;
}

static void settle(struct table *t, const struct wish *w, enum place_kind kind,
		   const struct vgpu_parent *parent, const char *type, struct place *p)
{
	struct occupant *seat = table_seat(t, parent);

	*p = (struct place){ .kind = kind, .framework = parent->framework };
	memcpy(p->parent, parent->name, sizeof(p->parent));
	memcpy(p->type, type, sizeof(p->type));
	if (parent->framework == VGPU_MDEV)
		memcpy(p->uuid, w->uuid, sizeof(p->uuid));
	if (kind == PLACE_MAKE)
		board_add(table_board(t, parent),
			  board_type_id(table_board(t, parent), type),
			  (struct occupant){ .wish = w }, true);
	*seat = (struct occupant){ .wish = w };
}

/* ---- what is there already ---- */

/*
 * On a full card the vendor framework names no type at all, only the number of the one
 * that is there. When nobody can say what that is called, and what is asked for has no
 * number either, it is taken for the same: it is the VM's own function.
 */
static bool is_type(const struct board *b, const char *id, const char *asked)
{
	size_t i = board_type_id(b, id);
	struct vgpu_type bare = { 0 };

	if (i != TYPE_NONE && b->card->type[i].name[0])
		return vgpu_type_fits(&b->card->type[i], asked);
	memcpy(bare.id, id, sizeof(bare.id));
	return vgpu_type_fits(&bare, asked) || board_type(b, asked) == TYPE_NONE;
}

static bool in_target(const struct table *t, const struct target *g,
		      const struct vgpu_parent *p)
{
	return (!g->board || g->board == table_board(t, p)) && target_has(g, p);
}

static const struct reserved *reserved_uuid(const struct table *t, const char *uuid)
{
	for (size_t i = 0; i < t->n_reserved; i++)
		if (strcmp(t->reserved[i].uuid, uuid) == 0)
			return &t->reserved[i];
	return NULL;
}

static bool is_own(const struct wish *w, const struct reserved *r)
{
	return w->vm && strcmp(w->vm, r->vm) == 0;
}

/*
 * What a VM that runs, or is just being started, has asked for itself: boot helper and
 * hook look at the same INI file.
 */
static bool find_own(struct table *t, const struct wish *w, const struct target *g,
		     struct place *p)
{
	for (size_t i = 0; i < t->n_reserved; i++) {
		const struct reserved *r = &t->reserved[i];
		const struct vgpu_parent *parent = vgpus_parent(t->v, r->parent);

		if (!parent || !is_own(w, r) || !in_target(t, g, parent) ||
		    !is_type(table_board(t, parent), r->type, w->conf->type) ||
		    (r->uuid[0] ? strcmp(r->uuid, w->uuid) != 0
				: table_seat(t, parent)->reserved != r ||
					  !wish_has_function(t, w, parent)))
			continue;
		settle(t, w, PLACE_THERE, parent, r->type, p);
		return true;
	}
	return false;
}

static bool find_mdev(struct table *t, const struct wish *w, const struct target *g,
		      struct place *p)
{
	const struct reserved *r = w->uuid[0] ? reserved_uuid(t, w->uuid) : NULL;
	const struct vgpu_mdev *m = w->uuid[0] ? vgpus_mdev(t->v, w->uuid) : NULL;
	const struct vgpu_parent *parent;
	const struct vgpu_type *type;

	if (r && !is_own(w, r)) {
		refuse(w, p,
		       "the mediated device %s is that of VM '%s': give each VM its own, uuidgen makes a UUID",
		       w->uuid, r->vm);
		return true;
	}
	if (!m || !w->conf->type[0])
		return false;
	parent = &t->v->parent[m->parent];
	type = &table_board(t, parent)->card->type[m->type];
	if (in_target(t, g, parent) && mdev_fits(t, m, w->conf->type))
		settle(t, w, PLACE_THERE, parent, type->id, p);
	else
		refuse_mdev(t, w, m, p);
	return true;
}

static bool find_function(struct table *t, const struct wish *w, const struct target *g,
			  struct place *p)
{
	for (size_t i = 0; i < t->v->n_parents && w->n_functions > 0; i++) {
		const struct vgpu_parent *parent = &t->v->parent[i];

		if (parent->framework != VGPU_VENDOR || !parent->current[0] ||
		    t->seat[i].wish || t->seat[i].reserved || !in_target(t, g, parent) ||
		    !wish_has_function(t, w, parent) ||
		    !is_type(table_board(t, parent), parent->current, w->conf->type))
			continue;
		settle(t, w, PLACE_THERE, parent, parent->current, p);
		return true;
	}
	return false;
}

static bool find(struct table *t, const struct wish *w, const struct target *g,
		 struct place *p)
{
	return (w->conf->type[0] && find_own(t, w, g, p)) || find_mdev(t, w, g, p) ||
	       (w->conf->type[0] && find_function(t, w, g, p));
}

/* ---- what is to be made ---- */

static void serve(struct serving *s, size_t i)
{
	static const char no_type[VGPU_ID_LEN];
	struct table *t = &s->table;
	size_t n;
	struct choice best = choose(t, &t->wish[i], &s->target[i], s->all, &n);
	struct place *p = &t->place[i];

	if (n == 0 || best.verdict != VERDICT_FITS)
		refuse_choice(t, &t->wish[i], &s->target[i], n ? &best : NULL, s->all, n,
			      p);
	else if (best.type == TYPE_NONE)
		settle(t, &t->wish[i], PLACE_THERE, best.parent, no_type, p);
	else
		settle(t, &t->wish[i], PLACE_MAKE, best.parent,
		       best.board->card->type[best.type].id, p);
}

/*
 * An XML may be a tenant's: what it names is not his when the file of another VM has that
 * UUID. Where both are the host's, or both a tenant's, the first one has it.
 */
static bool yields(const struct wish *w, const struct conf_vgpu *other, bool later)
{
	bool mine = w->conf->uuid[0], theirs = other->uuid[0];

	return mine == theirs ? later : theirs;
}

static bool is_twice(const struct table *t, size_t i)
{
	const struct wish *w = &t->wish[i];

	for (size_t k = 0; k < t->n && w->uuid[0]; k++) {
		const struct wish *o = &t->wish[k];

		if (k == i || strcmp(o->uuid, w->uuid) != 0 || !yields(w, o->conf, k < i))
			continue;
		refuse(w, &t->place[i],
		       "[vgpu %s] of %s:%u asks for the mediated device %s too: give each its own, uuidgen makes a UUID",
		       o->conf->name, o->file, o->conf->line, w->uuid);
		return true;
	}
	return false;
}

/* that of a VM which has its vGPU made when it starts */
static bool is_anothers(const struct table *t, size_t i)
{
	const struct wish *w = &t->wish[i];

	for (size_t k = 0; k < t->n_reserved && w->uuid[0]; k++) {
		const struct conf_vgpu *later = t->reserved[k].later;

		if (!later || strcmp(later->uuid, w->uuid) != 0 ||
		    !yields(w, later, false))
			continue;
		refuse(w, &t->place[i],
		       "[vgpu %s] of another VM asks for the mediated device %s too, when that VM starts: give each its own, uuidgen makes a UUID",
		       later->name, w->uuid);
		return true;
	}
	return false;
}

static void serve_all(struct serving *s)
{
	struct table *t = &s->table;

	for (size_t i = 0; i < t->n; i++)
		s->done[i] = is_twice(t, i) || is_anothers(t, i) ||
			     !target_find(t, &t->wish[i], &s->target[i], &t->place[i]);
	for (int k = 0; k < RANKS; k++)
		for (size_t i = 0; i < t->n; i++)
			if (!s->done[i] && (int)rank(&s->target[i]) == k)
				s->done[i] =
					find(t, &t->wish[i], &s->target[i], &t->place[i]);
	for (int k = 0; k < RANKS; k++)
		for (size_t i = 0; i < t->n; i++)
			if (!s->done[i] && (int)rank(&s->target[i]) == k)
				serve(s, i);
}

int placement_make(const struct vgpus *v, const struct conf_host *c,
		   const struct wish *wish, size_t n, const struct reserved *reserved,
		   size_t n_reserved, struct place *ret)
{
	struct serving s = {
		.table = { .v = v,
			   .conf = c,
			   .wish = wish,
			   .n = n,
			   .reserved = reserved,
			   .n_reserved = n_reserved,
			   .place = ret },
		.target = calloc(n + 1, sizeof(*s.target)),
		.done = calloc(n + 1, sizeof(*s.done)),
		.all = calloc(v->n_cards + 1, sizeof(*s.all)),
	};
	int r = s.target && s.done && s.all ? placement_table_make(&s.table) : -ENOMEM;

	if (r == 0)
		serve_all(&s);
	placement_table_free(&s.table);
	free(s.target);
	free(s.done);
	free(s.all);
	return r;
}

int placement_rooms(const struct vgpus *v, const struct conf_host *c, unsigned int **ret)
{
	struct table t = { .v = v, .conf = c };
	unsigned int *room;
	size_t n = 0;
	int r;

	for (size_t i = 0; i < v->n_cards; i++)
		n += v->card[i].n_types;
	room = calloc(n + 1, sizeof(*room));
	r = room ? placement_table_make(&t) : -ENOMEM;
	n = 0;
	for (size_t i = 0; i < v->n_cards && r == 0; i++)
		for (size_t k = 0; k < v->card[i].n_types; k++, n++)
			if (!board_refuses_size(&t.board[i], &v->card[i].type[k]))
				room[n] = board_room(&t, &t.board[i], k);
	placement_table_free(&t);
	if (r < 0)
		free(room);
	else
		*ret = room;
	return r;
}
