// SPDX-License-Identifier: GPL-2.0-or-later
/* placement-target.c - what "gpu = " of a [vgpu] section means */

#include "placement-parts.h"

#include <string.h>

static const struct conf_gpu *section(const struct conf_host *c, const char *name)
{
	for (size_t i = 0; i < c->n_gpus; i++)
		if (strcmp(c->gpu[i].name, name) == 0)
			return &c->gpu[i];
	return NULL;
}

/* names of host.ini first: a person has chosen them */
static void refuse_unknown(const struct table *t, const struct wish *w, struct place *p)
{
	const char *names[GPUS_MAX * 2] = { 0 }, *nearest, *asked = w->conf->gpu;
	char list[LIST_LEN] = "";
	unsigned int left_out = 0;
	struct bdf b;
	size_t n = 0;

	for (size_t i = 0; i < t->conf->n_gpus; i++)
		names[n++] = t->conf->gpu[i].name;
	for (size_t i = 0; i < t->v->n_cards && n < ARRAY_LEN(names); i++)
		names[n++] = t->v->card[i].name;
	for (size_t i = 0; i < n; i++)
		list_add(list, names[i], &left_out);
	list_end(list, left_out);
	nearest = bdf_parse(asked, &b) < 0 ? text_nearest(asked, names, n) : NULL;
	if (n == 0)
		refuse(w, p,
		       "there is no GPU '%s': this host has none that can be cut into vGPUs",
		       asked);
	else if (nearest)
		refuse(w, p,
		       "there is no GPU '%s'; did you mean '%s'? host.ini and this host have %s",
		       asked, nearest, list);
	else
		refuse(w, p,
		       "there is no GPU '%s'; write any, or one of those that host.ini and this host have: %s",
		       asked, list);
}

static bool find_section(const struct table *t, const struct wish *w,
			 const struct conf_gpu *gpu, struct target *ret, struct place *p)
{
	const struct vgpu_card *card;
	char address[BDF_LEN];

	bdf_format(&gpu->bdf, address);
	card = vgpus_card(t->v, address);
	if (!card) {
		refuse(w, p,
		       "there is no card that can be cut into vGPUs at %s, the address of [gpu %s] in host.ini (line %u): look for it with lspci -D, then correct that address, or write another gpu",
		       address, gpu->name, gpu->line);
		return false;
	}
	ret->board = &t->board[card - t->v->card];
	return true;
}

static bool find_device(const struct table *t, const struct wish *w, struct target *ret,
			struct place *p)
{
	const struct vgpu_card *card = vgpus_card(t->v, w->conf->gpu);
	const struct vgpu_parent *parent = vgpus_parent(t->v, w->conf->gpu);

	if (card) {
		ret->board = &t->board[card - t->v->card];
	} else if (parent) {
		ret->board = table_board(t, parent);
		ret->parent = parent;
	} else {
		refuse_unknown(t, w, p);
		return false;
	}
	return true;
}

static bool index_is_wrong(const struct wish *w, const struct target *g, struct place *p)
{
	const struct vgpu_card *card = g->board->card;

	if (g->parent)
		refuse(w, p,
		       "%s is virtual function %d of %s itself: write gpu = %s/%d, or leave out /%d",
		       g->parent->name, g->parent->index, card->name, card->name,
		       g->index, g->index);
	else if (card->total_vfs == 0)
		refuse(w, p, "%s has no virtual functions: leave out /%d", w->conf->gpu,
		       g->index);
	else if (card->n_vfs > 0 && (unsigned int)g->index >= card->n_vfs)
		refuse(w, p,
		       "%s has no virtual function %d: it has %u now, and the first is /0",
		       card->name, g->index, card->n_vfs);
	else
		return false;
	return true;
}

bool target_find(const struct table *t, const struct wish *w, struct target *ret,
		 struct place *p)
{
	const struct conf_gpu *gpu = section(t->conf, w->conf->gpu);
	struct target g = { .index = w->conf->index };

	if (strcmp(w->conf->gpu, "any") != 0) {
		if (gpu ? !find_section(t, w, gpu, &g, p) : !find_device(t, w, &g, p))
			return false;
		if (g.index >= 0 && index_is_wrong(w, &g, p))
			return false;
	}
	*ret = g;
	return true;
}
