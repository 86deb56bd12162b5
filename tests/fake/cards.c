// SPDX-License-Identifier: GPL-2.0-or-later
/* cards.c - which cards of the fake kernel can be cut, what they offer, what room they have */
#include "cards.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct set *set_of(const struct kernel *k, const struct device *dev)
{
	for (const struct set *s = k->sets; s; s = s->next)
		if (!s->at && (s->how == HOW_PF) == (dev->vf < 0) && s->driver &&
		    dev->drv && strcmp(s->driver, dev->drv->name) == 0 &&
		    driver_ids_match(s->ids, dev))
			return s;
	return NULL;
}

static struct parent *parent_new(struct card *c, struct device *dev,
				 const struct set *set)
{
	struct parent *p = calloc(1, sizeof(*p));

	if (!p)
		err(1, "fake kernel");
	p->dir = dev ? dev->dir : c->dir;
	p->dev = dev;
	p->card = c;
	p->set = set;
	if (dev)
		dev->parent = p;
	return p;
}

static void offer(struct kernel *k, void *arg)
{
	struct device *dev = arg;
	const struct set *set = set_of(k, dev);
	struct parent *p;

	if (!set || dev->parent || dev->card->pf->drv != dev->drv)
		return;
	p = parent_new(dev->card, dev, set);
	if (set->how == HOW_VENDOR)
		vendor_register(k, p);
	else
		mdev_register(k, p);
}

static void offer_later(struct kernel *k, struct device *dev)
{
	const struct fault *f;

	if (!set_of(k, dev))
		return;
	f = fault_find(k, FAULT_REGISTER, "*", dev->card->dir->name);
	if (f)
		timer_set(k, f->n, offer, dev);
	else
		offer(k, dev);
}

static void stop_offering(struct kernel *k, struct device *dev)
{
	struct parent *p = dev->parent;

	timer_cancel(k, dev);
	if (!p)
		return;
	if (p->set->how == HOW_VENDOR)
		vendor_unregister(k, p);
	else
		mdev_unregister(k, p);
	dev->parent = NULL;
}

/* This function, and the virtual functions of a physical one */
static struct device *next_of(const struct device *dev, struct device *after)
{
	struct device *d = after ? after->next : dev->card->pf;

	while (d && d != dev && (dev->vf >= 0 || d->card != dev->card))
		d = d->next;
	return d;
}

void card_bound(struct kernel *k, struct device *dev)
{
	if (!dev->card)
		return;
	for (struct device *d = next_of(dev, NULL); d; d = next_of(dev, d))
		offer_later(k, d);
}

void card_unbound(struct kernel *k, struct device *dev)
{
	if (!dev->card)
		return;
	for (struct device *d = next_of(dev, NULL); d; d = next_of(dev, d))
		stop_offering(k, d);
	if (dev->vf < 0) {
		dev->card->mixed = false;
		dev->card->instances[0] = '\0';
		if (dev->card->unbind_lock)
			node_set(dev->card->unbind_lock, "0", 1);
	}
}

bool card_in_use(const struct kernel *k, const struct device *dev)
{
	if (!dev->card)
		return dev->held;
	for (const struct mdev *m = k->mdevs; m; m = m->next)
		if (m->held && (m->parent->dev == dev || m->parent->card->pf == dev))
			return true;
	/* VFIO's functions are their own driver's; NVIDIA's belong to the card's too */
	for (struct device *d = next_of(dev, NULL); d; d = next_of(dev, d))
		if (d->held && (d == dev || d->drv == dev->drv))
			return true;
	return false;
}

/* "NVIDIA A30-2-12C" is on an instance "2g.12gb" */
static unsigned int mig_room(const struct kernel *k, const struct parent *p,
			     const struct type *t)
{
	const char *end = strrchr(t->name, '-'), *slices = end;
	unsigned int room = 0, used = 0;

	while (slices && slices > t->name && slices[-1] != '-')
		slices--;
	if (!slices || slices == t->name || slices == end)
		return 0;
	for (const char *s = p->card->instances; s; s = strchr(s, ',')) {
		s += *s == ',';
		room += atoi(s) == atoi(slices);
	}
	for (const struct mdev *m = k->mdevs; m; m = m->next)
		used += m->parent->card == p->card && m->type == t && !m->pending;
	for (const struct device *d = k->devices; d; d = d->next)
		used += d->parent && d->card == p->card && d->parent->current == t;
	return room > used;
}

unsigned int card_room(const struct kernel *k, const struct parent *p,
		       const struct type *t)
{
	const struct card *c = p->card;
	unsigned int room = t->max > c->n ? t->max - c->n : 0, memory = p->set->memory;

	if (p->dev && p->dev->vf >= 0 && (p->n || p->current))
		return 0;
	if (c->mig)
		return mig_room(k, p, t);
	if (c->n && c->size != t->size && !c->mixed && !p->set->any_size)
		return 0;
	if (memory && t->size && (memory - c->used) / t->size < room)
		room = (memory - c->used) / t->size;
	return p->dev && p->dev->vf >= 0 && room ? 1 : room;
}

void card_take(struct card *c, const struct type *t)
{
	c->n++;
	c->size = t->size;
	c->used += t->size;
}

void card_give(struct card *c, const struct type *t)
{
	c->n--;
	c->used -= t->size;
}

void card_release(struct kernel *k, struct card *c)
{
	for (struct device *d = k->devices; d; d = d->next)
		if (d->card == c)
			d->until = 0;
	for (struct mdev *m = k->mdevs; m; m = m->next)
		if (m->parent->card == c)
			m->until = 0;
	if (c->lock.held)
		lock_drop(k, &c->lock);
	k->woken = true;
}

int card_sleep(struct kernel *k, struct card *c)
{
	return lock_sleep(k, &c->lock, fault_find(k, FAULT_MAKE, "*", c->dir->name));
}

static void wake(struct kernel *k, void *arg)
{
	(void)arg;
	k->woken = true;
}

uint64_t card_let_go(struct kernel *k, const struct card *c)
{
	const struct fault *f = fault_find(k, FAULT_LINGER, "*", c->dir->name);

	k->woken = true;
	if (!f)
		return 0;
	if (!f->n)
		return UINT64_MAX;
	timer_set(k, f->n + 1, wake, NULL); /* not before that time is over */
	return now_ms() + f->n;
}

static struct card *card_new(struct kernel *k, struct device *pf, struct node *dir)
{
	struct card *c = calloc(1, sizeof(*c)), **tail = &k->cards;

	if (!c)
		err(1, "fake kernel");
	c->pf = pf;
	c->dir = dir;
	c->autoprobe = true;
	while (*tail)
		tail = &(*tail)->next;
	*tail = c;
	return c;
}

/* A card has SR-IOV, or types may be made on itself */
static bool is_card(const struct kernel *k, const struct device *dev)
{
	if (node_find(dev->dir, "physfn"))
		return false;
	if (node_find(dev->dir, "sriov_totalvfs"))
		return true;
	for (const struct set *s = k->sets; s; s = s->next)
		if (s->how == HOW_PF && s->ids && driver_ids_match(s->ids, dev))
			return true;
	return false;
}

static void adopt_locks(struct kernel *k, struct card *c)
{
	char path[NODE_PATH_LEN];
	struct node *dir;

	snprintf(path, sizeof(path), "proc/driver/nvidia/gpus/%s", c->dir->name);
	dir = node_walk(k->root, k->root, path);
	c->unbind_lock = dir ? node_find(dir, "unbindLock") : NULL;
	if (c->unbind_lock)
		attr_use(dir, lock_attrs, c);
}

int cards_make(struct kernel *k, char why[static MACHINE_WHY_LEN])
{
	struct node *groups = node_walk(k->root, k->root, "sys/kernel/iommu_groups");

	for (struct node *n = groups ? groups->child : NULL; n; n = n->next)
		if ((unsigned int)atoi(n->name) > k->last_group)
			k->last_group = (unsigned int)atoi(n->name);
	k->last_vfio = 256; /* beyond those of vfio-pci */
	for (struct device *d = k->devices; d; d = d->next) {
		if (!is_card(k, d))
			continue;
		d->card = card_new(k, d, d->dir);
		attr_use(d->dir, sriov_attrs, d);
		vf_adopt(k, d->card);
		adopt_locks(k, d->card);
	}
	for (struct device *d = k->devices; d; d = d->next)
		if (d->card && d->drv)
			offer(k, d);
	for (const struct set *s = k->sets; s; s = s->next) {
		struct card *c;

		if (!s->at)
			continue;
		if (s->how != HOW_PF) {
			snprintf(why, MACHINE_WHY_LEN, "%s: at= wants how=pf", s->name);
			return -EINVAL;
		}
		c = card_new(k, NULL, node_make(k->root, s->at, S_IFDIR | 0755));
		mdev_register(k, parent_new(c, NULL, s));
	}
	return 0;
}
