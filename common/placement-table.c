// SPDX-License-Identifier: GPL-2.0-or-later
/* placement-table.c - all cards with what is on them, before the first place is given */

#include "placement-parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct board *table_board(const struct table *t, const struct vgpu_parent *p)
{
	return &t->board[p->card];
}

struct occupant *table_seat(const struct table *t, const struct vgpu_parent *p)
{
	return &t->seat[p - t->v->parent];
}

bool table_awaits(const struct table *t, const struct vgpu_parent *p)
{
	return t->awaited[p - t->v->parent];
}

bool seat_is_taken(const struct occupant *o)
{
	return o->wish || o->reserved || o->mdev || o->parent;
}

static void count_shown(struct table *t)
{
	for (size_t i = 0; i < t->v->n_mdevs; i++) {
		const struct vgpu_mdev *m = &t->v->mdev[i];
		const struct vgpu_parent *p = &t->v->parent[m->parent];
		struct occupant who = { .mdev = m };

		board_add(table_board(t, p), m->type, who, false);
		*table_seat(t, p) = who;
	}
	for (size_t i = 0; i < t->v->n_parents; i++) {
		const struct vgpu_parent *p = &t->v->parent[i];
		struct board *b = table_board(t, p);
		struct occupant who = { .parent = p };

		if (p->framework != VGPU_VENDOR || !p->current[0])
			continue;
		board_add(b, board_type_id(b, p->current), who, false);
		t->seat[i] = who;
	}
}

/* What is there already is in the ledger of its VM too, and counts once. */
static void count_reserved(struct table *t)
{
	for (size_t i = 0; i < t->n_reserved; i++) {
		const struct reserved *r = &t->reserved[i];
		const struct vgpu_parent *p = vgpus_parent(t->v, r->parent);
		struct occupant who = { .reserved = r };
		struct board *b;
		bool there;

		if (!p || r->later)
			continue;
		b = table_board(t, p);
		there = r->uuid[0] ? vgpus_mdev(t->v, r->uuid) != NULL : p->current[0];
		if (!there)
			board_add(b, board_type_id(b, r->type), who, true);
		if (p->index >= 0)
			*table_seat(t, p) = who;
	}
}

/* a section that names none, or one that is not there, awaits nothing */
static void count_later(struct table *t)
{
	for (size_t i = 0; i < t->n_reserved; i++) {
		const struct reserved *r = &t->reserved[i];
		const struct wish w = { .file = "", .conf = r->later };
		struct target g = { .index = -1 };
		struct place unused;

		if (!r->later || !target_find(t, &w, &g, &unused) ||
		    (!g.parent && g.index < 0))
			continue;
		for (size_t k = g.board->first; k < g.board->first + g.board->n; k++)
			t->awaited[k] |= target_has(&g, &t->v->parent[k]);
	}
}

static void set_board(const struct table *t, struct board *b,
		      const struct vgpu_card *card)
{
	*b = (struct board){ .card = card };
	for (size_t i = 0; i < t->conf->n_gpus; i++)
		if (card->pci && bdf_equal(&t->conf->gpu[i].bdf, &card->bdf))
			b->conf = &t->conf->gpu[i];
	b->memory_mib = board_memory(card);
}

static int set_boards(struct table *t)
{
	unsigned int *counts;
	size_t n = 1;

	for (size_t i = 0; i < t->v->n_cards; i++)
		n += 2 * t->v->card[i].n_types;
	counts = t->counts = calloc(n, sizeof(*t->counts));
	t->board = calloc(t->v->n_cards + 1, sizeof(*t->board));
	t->seat = calloc(t->v->n_parents + 1, sizeof(*t->seat));
	t->awaited = calloc(t->v->n_parents + 1, sizeof(*t->awaited));
	t->bdf = calloc(t->v->n_parents + 1, sizeof(*t->bdf));
	if (!t->counts || !t->board || !t->seat || !t->awaited || !t->bdf)
		return -ENOMEM;
	for (size_t i = 0; i < t->v->n_parents; i++)
		if (bdf_parse(t->v->parent[i].name, &t->bdf[i]) < 0)
			t->bdf[i].domain = NO_BDF;
	for (size_t i = 0; i < t->v->n_cards; i++) {
		struct board *b = &t->board[i];

		set_board(t, b, &t->v->card[i]);
		b->have = counts;
		b->fresh = counts + b->card->n_types;
		counts += 2 * b->card->n_types;
	}
	return 0;
}

int placement_table_make(struct table *t)
{
	int r = set_boards(t);

	if (r < 0 || t->v->n_cards == 0)
		return r;
	for (size_t i = t->v->n_parents; i-- > 0;) {
		struct board *b = table_board(t, &t->v->parent[i]);

		b->first = i;
		b->n++;
	}
	count_shown(t);
	count_reserved(t);
	count_later(t);
	return 0;
}

void placement_table_free(struct table *t)
{
	free(t->board);
	free(t->seat);
	free(t->awaited);
	free(t->bdf);
	free(t->counts);
}
