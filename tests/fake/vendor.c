// SPDX-License-Identifier: GPL-2.0-or-later
/* vendor.c - NVIDIA's vendor-specific VFIO in the fake kernel: the files below VF/nvidia */
#include "cards.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int creatable_show(struct kernel *k, struct node *n, struct text *out)
{
	const struct parent *p = n->owner;

	text_print(out, "ID    : vGPU Name\n");
	for (const struct type *t = p->set->types; t; t = t->next)
		if (card_room(k, p, t))
			text_print(out, "%-5s : %s\n", t->id, t->name);
	return 0;
}

static int current_show(struct kernel *k, struct node *n, struct text *out)
{
	const struct parent *p = n->owner;

	(void)k;
	text_print(out, "%s\n", p->current ? p->current->id : "0");
	return 0;
}

static bool is_busy(const struct device *dev)
{
	return dev->held || dev->until > now_ms();
}

static int clear(struct parent *p)
{
	if (!p->current)
		return 0;
	if (is_busy(p->dev))
		return -EBUSY;
	card_give(p->card, p->current);
	p->current = NULL;
	return 0;
}

static int current_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct parent *p = n->owner;
	const struct type *t;
	long id;
	int r;

	(void)len;
	if (number_parse(s, 0, 65535, &id) < 0)
		return -EINVAL;
	if (id == 0)
		return clear(p);
	for (t = p->set->types; t && atoi(t->id) != id; t = t->next)
		;
	if (!t)
		return -EINVAL;
	if (p->current || is_busy(p->dev))
		return -EBUSY;
	r = card_sleep(k, p->card);
	if (r)
		return r;
	if (p->dev->parent != p)
		return -ENODEV; /* taken from its driver meanwhile */
	if (card_room(k, p, t) == 0)
		return p->set->full;
	card_take(p->card, t);
	p->current = t;
	return 0;
}

/* Where a vGPU has its memory; which MIG instance it has: the highest number for none */
static int placement_show(struct kernel *k, struct node *n, struct text *out)
{
	const struct parent *p = n->owner;

	(void)k;
	if (!p->current)
		return -ENXIO;
	text_print(out, "%u\n", *n->name == 'p' ? 0 : UINT32_MAX);
	return 0;
}

static int params_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	const struct parent *p = n->owner;

	(void)k;
	if (!p->current)
		return -ENXIO;
	node_set(n, s, len);
	return 0;
}

static const struct attr vendor_attrs[] = {
	{ "creatable_vgpu_types", 0444, creatable_show, NULL },
	{ "current_vgpu_type", 0644, current_show, current_store },
	{ "gpu_instance_id", 0644, placement_show, params_store },
	{ "placement_id", 0644, placement_show, params_store },
	{ "vgpu_params", 0644, NULL, params_store },
	{ NULL, 0, NULL, NULL },
};

void vendor_register(struct kernel *k, struct parent *p)
{
	struct node *dir = node_new("nvidia", S_IFDIR | 0755);

	for (const struct attr *a = vendor_attrs; a->name; a++)
		node_make(dir, a->name, S_IFREG | 0444);
	attr_use(dir, vendor_attrs, p);
	node_put(p->dir, dir);
	p->vfio = vfio_add(k, p->dir);
}

void vendor_unregister(struct kernel *k, struct parent *p)
{
	if (p->current)
		card_give(p->card, p->current);
	p->current = NULL;
	node_take(node_find(p->dir, "nvidia"));
	vfio_remove(k, p->dir);
}

static int lock_show(struct kernel *k, struct node *n, struct text *out)
{
	(void)k;
	text_print(out, "%c\n", n->len ? *n->value : '0');
	return 0;
}

/* 1 stays only when nobody uses the card; else the driver says nothing */
static int lock_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	const struct card *c = n->owner;
	bool lock = len && *s == '1' && !card_in_use(k, c->pf);

	node_set(n, lock ? "1" : "0", 1);
	return 0;
}

const struct attr lock_attrs[] = {
	{ "unbindLock", 0644, lock_show, lock_store },
	{ NULL, 0, NULL, NULL },
};
