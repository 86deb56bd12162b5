// SPDX-License-Identifier: GPL-2.0-or-later
/* chance.c - a host with vGPUs, and what is asked of it, made by chance */

#include "chance.h"

const struct vgpu_type chance_type[TYPES] = {
	{ "nvidia-555", "NVIDIA A40-12Q", 12288, 4 },
	{ "nvidia-556", "NVIDIA A40-12A", 12288, 4 },
	{ "nvidia-557", "NVIDIA A40-24Q", 24576, 2 },
	{ "nvidia-558", "NVIDIA A40-4C", 4096, 5 },
};

static uint64_t seeded;

static unsigned int below(unsigned int n)
{
	return (unsigned int)(unit_random(&seeded) % n);
}

static void add_parent(struct chance *w, size_t card, int index,
		       enum vgpu_framework framework)
{
	struct vgpu_parent *p = &w->parent[w->v.n_parents];

	*p = (struct vgpu_parent){ .card = card, .index = index, .framework = framework };
	if (index < 0)
		strcpy(p->name, w->card[card].name);
	else
		snprintf(p->name, sizeof(p->name), "0000:%02zx:01.%d", card + 1, index);
	strcpy(p->driver, "nvidia");
	p->offer = w->offer[w->v.n_parents++];
	for (size_t i = 0; i < TYPES; i++)
		p->offer[p->n_offers++] =
			(struct vgpu_offer){ i, index < 0 ? chance_type[i].max
							  : below(8) > 0 };
}

static void add_card(struct chance *w, size_t i)
{
	struct vgpu_card *c = &w->card[i];
	enum vgpu_framework framework = below(2) ? VGPU_MDEV : VGPU_VENDOR;
	bool whole = framework == VGPU_MDEV && below(4) == 0;

	*c = (struct vgpu_card){ .pci = true,
				 .total_vfs = FUNCTIONS,
				 .type = w->type[i] };
	c->bdf.bus = (uint8_t)(i + 1);
	c->id = (struct id_pair){ 0x10de, 0x2235 };
	bdf_format(&c->bdf, c->name);
	strcpy(c->driver, "nvidia");
	memcpy(w->type[i], chance_type, sizeof(chance_type));
	c->n_types = TYPES;
	c->n_vfs = whole ? 0 : FUNCTIONS;
	for (int k = 0; k < (whole ? 1 : FUNCTIONS); k++)
		add_parent(w, i, whole ? -1 : k, framework);
}

void chance_uuid(char uuid[static UUID_LEN], unsigned int n)
{
	snprintf(uuid, UUID_LEN, "00000000-0000-4000-8000-%012u", n);
}

/* some that were there: on a card all of one size, which is what a driver allows */
static void add_shown(struct chance *w, size_t card)
{
	size_t type = below(TYPES);

	for (size_t i = 0; i < w->v.n_parents; i++) {
		struct vgpu_parent *p = &w->parent[i];
		struct vgpu_mdev *m = &w->mdev[w->v.n_mdevs];

		if (p->card != card || p->index < 0 || below(8) != 0)
			continue;
		if (p->framework == VGPU_VENDOR) {
			strcpy(p->current, chance_type[type].id);
			continue;
		}
		m->parent = i;
		m->type = type;
		chance_uuid(m->uuid, (unsigned int)w->v.n_mdevs++);
	}
}

static void add_reserved(struct chance *w)
{
	const struct vgpu_parent *p = &w->parent[below((unsigned int)w->v.n_parents)];
	struct reserved *r = &w->reserved[0];

	/* on a card of its own size: it may only be the first */
	if (p->framework != VGPU_MDEV || p->index < 0 || w->v.n_mdevs > 0)
		return;
	*r = (struct reserved){ .vm = "other" };
	strcpy(r->parent, p->name);
	strcpy(r->type, chance_type[below(TYPES)].id);
	chance_uuid(r->uuid, 900);
	w->n_reserved = 1;
}

static void add_wish(struct chance *w, size_t i)
{
	struct conf_vgpu *s = &w->section[i];

	*s = (struct conf_vgpu){ .line = (unsigned int)i + 1, .index = -1 };
	snprintf(s->name, sizeof(s->name), "w%zu", i);
	strcpy(s->type,
	       chance_type[below(TYPES)].name + (below(2) ? 0 : strlen("NVIDIA ")));
	w->named[i] = (int)below(2 * CARDS) - CARDS;
	if (w->named[i] < 0)
		strcpy(s->gpu, "any");
	else
		strcpy(s->gpu, w->card[w->named[i]].name);
	if (w->named[i] >= 0 && below(3) == 0)
		s->index = (int)below(FUNCTIONS);
	w->wish[i] = (struct wish){ .file = "vms/a.ini",
				    .conf = s,
				    .functions = w->function[i],
				    .n_functions = 2 };
	for (size_t k = 0; k < 2; k++)
		w->function[i][k] = (struct bdf){ 0, (uint8_t)(below(CARDS) + 1), 1,
						  (uint8_t)below(FUNCTIONS) };
	chance_uuid(w->wish[i].uuid, below(4) ? 100 + (unsigned int)i : below(8));
}

void chance_make(struct chance *w, uint64_t seed)
{
	seeded = seed * 2654435761u + 1;
	*w = (struct chance){
		.v = { .card = w->card, .parent = w->parent, .mdev = w->mdev }
	};
	w->v.n_cards = CARDS;
	w->conf.vgpus.spread = below(2);
	for (size_t i = 0; i < CARDS; i++) {
		add_card(w, i);
		if (below(2))
			add_shown(w, i);
	}
	w->conf.n_gpus = 1;
	strcpy(w->conf.gpu[0].name, "first");
	w->conf.gpu[0].bdf = w->card[0].bdf;
	w->conf.gpu[0].mixed = below(2);
	add_reserved(w);
	w->n = 1 + below(WISHES);
	for (size_t i = 0; i < w->n; i++)
		add_wish(w, i);
}
