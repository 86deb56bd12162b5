// SPDX-License-Identifier: GPL-2.0-or-later
/* placement-room.c - what is on each card, and how much more fits */

#include "placement-parts.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define VENDOR_NVIDIA 0x10de

bool card_is_nvidia(const struct vgpu_card *c)
{
	return c->pci && c->id.vendor == VENDOR_NVIDIA;
}

/*
 * "A100-3-20C": a vGPU on a GPU instance of three slices. Those have memory of their own,
 * and the rule of one size is not for them.
 * Source: NVIDIA Virtual GPU Software User Guide, names of MIG-backed vGPUs
 */
static const char *mig_slices(const struct vgpu_type *t)
{
	const char *last = strrchr(t->name, '-');

	if (!last || last - t->name < 2 || !isdigit((unsigned char)last[-1]) ||
	    last[-2] != '-')
		return NULL;
	return last - 1;
}

static bool is_sliced(const struct vgpu_card *c, const struct vgpu_type *t)
{
	return t->size_mib > 0 && !mig_slices(t) &&
	       (card_is_nvidia(c) || strncmp(t->name, "NVIDIA ", 7) == 0 ||
		strncmp(t->name, "GRID ", 5) == 0);
}

/* How many instances host.ini has made for a type: "3g.20gb" for "A100-3-20C" */
static unsigned int instances(const struct conf_gpu *c, const struct vgpu_type *t)
{
	const char *slices = mig_slices(t), *cursor = c ? c->mig : "";
	char word[CONF_MIG_LEN], want[VGPU_TYPE_LEN];
	unsigned int n = 0;
	size_t len;

	if (!slices || text_format(want, sizeof(want), "%cg.%.*sgb", slices[0],
				   (int)strspn(slices + 2, "0123456789"), slices + 2) < 0)
		return UINT_MAX;
	len = strlen(want);
	while (text_next_word(&cursor, word, sizeof(word)) > 0)
		n += strncmp(word, want, len) == 0 &&
		     (word[len] == '\0' || word[len] == '+');
	return n ?: UINT_MAX; /* instances that somebody else has made */
}

size_t board_type(const struct board *b, const char *asked)
{
	for (size_t i = 0; i < b->card->n_types; i++)
		if (vgpu_type_fits(&b->card->type[i], asked))
			return i;
	return TYPE_NONE;
}

size_t board_type_id(const struct board *b, const char *id)
{
	for (size_t i = 0; i < b->card->n_types; i++)
		if (strcmp(b->card->type[i].id, id) == 0)
			return i;
	return TYPE_NONE;
}

struct board *table_board(const struct table *t, const struct vgpu_parent *p)
{
	return &t->board[p->card];
}

struct occupant *table_seat(const struct table *t, const struct vgpu_parent *p)
{
	return &t->seat[p - t->v->parent];
}

bool seat_is_taken(const struct occupant *o)
{
	return o->wish || o->reserved || o->mdev || o->parent;
}

void board_add(struct board *b, size_t type, struct occupant who, bool fresh)
{
	const struct vgpu_type *t;

	b->vgpus++;
	if (type == TYPE_NONE)
		return;
	t = &b->card->type[type];
	b->have[type]++;
	b->fresh[type] += fresh;
	b->used_mib += t->size_mib;
	if (is_sliced(b->card, t) && b->size_mib == 0) {
		b->size_mib = t->size_mib;
		b->sizer = who;
	}
}

bool board_refuses_size(const struct board *b, const struct vgpu_type *type)
{
	return b->size_mib && is_sliced(b->card, type) && b->size_mib != type->size_mib &&
	       !(b->conf && b->conf->mixed);
}

unsigned int board_alike(const struct board *b, size_t type)
{
	const struct vgpu_type *all = b->card->type;
	unsigned int n = 0;

	for (size_t i = 0; i < b->card->n_types; i++)
		if (i == type ||
		    (is_sliced(b->card, &all[type]) && is_sliced(b->card, &all[i]) &&
		     all[i].size_mib == all[type].size_mib))
			n += b->have[i];
	return n;
}

unsigned int parent_offer(const struct vgpu_parent *p, size_t type)
{
	for (size_t i = 0; i < p->n_offers; i++)
		if (p->offer[i].type == type)
			return p->offer[i].n;
	return 0;
}

/*
 * All that a card itself offers comes out of one pool: three promised of sixteen small
 * ones leave less room for large ones too. Rounded so that too little is promised rather
 * than too much.
 */
static unsigned int left_on_card(const struct board *b, const struct vgpu_parent *p,
				 size_t type)
{
	uint64_t offer = parent_offer(p, type), lost = 0;

	for (size_t i = 0; i < b->card->n_types && offer > 0; i++) {
		uint64_t theirs = b->fresh[i] ? parent_offer(p, i) : 0;

		if (theirs)
			lost += (b->fresh[i] * offer + theirs - 1) / theirs;
		else
			lost += b->fresh[i];
	}
	return offer > lost ? (unsigned int)(offer - lost) : 0;
}

static unsigned int less(unsigned int a, uint64_t b)
{
	return a < b ? a : (unsigned int)b;
}

unsigned int board_room(const struct table *t, const struct board *b, size_t type)
{
	const struct vgpu_type *asked = &b->card->type[type];
	unsigned int room = 0, n;

	for (size_t i = b->first; i < b->first + b->n; i++) {
		const struct vgpu_parent *p = &t->v->parent[i];

		if (p->index < 0)
			room += left_on_card(b, p, type);
		else
			room += !seat_is_taken(&t->seat[i]) && parent_offer(p, type) > 0;
	}
	n = board_alike(b, type);
	if (asked->max)
		room = less(room, asked->max > n ? asked->max - n : 0);
	if (b->memory_mib && asked->size_mib)
		room = less(room,
			    b->memory_mib > b->used_mib
				    ? (b->memory_mib - b->used_mib) / asked->size_mib
				    : 0);
	n = instances(b->conf, asked);
	return less(room, n > b->have[type] ? n - b->have[type] : 0);
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

		if (!p)
			continue;
		b = table_board(t, p);
		there = r->uuid[0] ? vgpus_mdev(t->v, r->uuid) != NULL : p->current[0];
		if (!there)
			board_add(b, board_type_id(b, r->type), who, true);
		if (p->index >= 0)
			*table_seat(t, p) = who;
	}
}

static void set_board(const struct table *t, struct board *b,
		      const struct vgpu_card *card)
{
	*b = (struct board){ .card = card };
	for (size_t i = 0; i < t->conf->n_gpus; i++)
		if (card->pci && bdf_equal(&t->conf->gpu[i].bdf, &card->bdf))
			b->conf = &t->conf->gpu[i];
	for (size_t i = 0; i < card->n_types; i++) {
		const struct vgpu_type *type = &card->type[i];
		uint64_t all = (uint64_t)type->size_mib * type->max;

		if (is_sliced(card, type) && all > b->memory_mib)
			b->memory_mib = all;
	}
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
	if (!t->counts || !t->board || !t->seat)
		return -ENOMEM;
	for (size_t i = 0; i < t->v->n_cards; i++) {
		struct board *b = &t->board[i];

		set_board(t, b, &t->v->card[i]);
		b->have = counts;
		b->fresh = counts + b->card->n_types;
		counts += 2 * b->card->n_types;
	}
	return 0;
}

int table_make(struct table *t)
{
	int r = set_boards(t);

	if (r < 0)
		return r;
	for (size_t i = t->v->n_parents; i-- > 0;) {
		struct board *b = table_board(t, &t->v->parent[i]);

		b->first = i;
		b->n++;
	}
	count_shown(t);
	count_reserved(t);
	return 0;
}

void table_free(struct table *t)
{
	free(t->board);
	free(t->seat);
	free(t->counts);
}
