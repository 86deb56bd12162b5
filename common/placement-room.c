// SPDX-License-Identifier: GPL-2.0-or-later
/* placement-room.c - how much more fits on a card */

#include "placement-parts.h"

#include <ctype.h>
#include <limits.h>
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

const char *type_bare(const char *name)
{
	static const char *const makers[] = { "NVIDIA ", "GRID " };

	for (size_t i = 0; i < ARRAY_LEN(makers); i++)
		if (strncasecmp(name, makers[i], strlen(makers[i])) == 0)
			return name + strlen(makers[i]);
	return name;
}

static bool is_sliced(const struct vgpu_card *c, const struct vgpu_type *t)
{
	return t->size_mib > 0 && !mig_slices(t) &&
	       (card_is_nvidia(c) || type_bare(t->name) != t->name);
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

uint64_t board_memory(const struct vgpu_card *card)
{
	uint64_t most = 0;

	for (size_t i = 0; i < card->n_types; i++) {
		const struct vgpu_type *type = &card->type[i];
		uint64_t all = (uint64_t)type->size_mib * type->max;

		if (is_sliced(card, type) && all > most)
			most = all;
	}
	return most;
}
