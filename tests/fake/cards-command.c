// SPDX-License-Identifier: GPL-2.0-or-later
/* cards-command.c - what a test, and the played nvidia-smi, tell the cards of the fake kernel */
#include "cards.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int hold(struct kernel *k, const char *name, bool held)
{
	struct mdev *m = mdev_find(k, name);
	struct device *dev = device_by_name(k, &k->buses[0], name);

	if (m) {
		m->held = held;
		m->until = held ? 0 : card_let_go(k, m->parent->card);
		dev = m->parent->dev;
	} else if (dev) {
		dev->held = held;
		if (dev->card)
			dev->until = held ? 0 : card_let_go(k, dev->card);
	} else {
		return -ENODEV;
	}
	if (!held && dev && dev->lock.held)
		lock_drop(k, &dev->lock);
	if (!held && dev && dev->card && dev->card->pf->lock.held)
		lock_drop(k, &dev->card->pf->lock);
	return 0;
}

static struct card *card_find(struct kernel *k, const char *name)
{
	struct card *c = k->cards;

	while (c && strcmp(c->dir->name, name) != 0)
		c = c->next;
	return c;
}

static bool has_mig(const struct kernel *k, const struct card *c)
{
	for (const struct set *s = k->sets; s; s = s->next)
		if (s->mig && c->pf && driver_ids_match(s->ids, c->pf))
			return true;
	return false;
}

int card_command(struct kernel *k, const char *verb, const char *name, const char *value)
{
	bool on = value && strcmp(value, "on") == 0;
	struct card *c;

	if (strcmp(verb, "hold") == 0 || strcmp(verb, "let-go") == 0)
		return value ? -EINVAL : hold(k, name, *verb == 'h');
	c = card_find(k, name);
	if (!c || !value)
		return -EINVAL;
	if (strcmp(verb, "mig") == 0) {
		if (!has_mig(k, c))
			return -ENOTSUP;
		c->mig = on;
		if (!on)
			c->instances[0] = '\0';
	} else if (strcmp(verb, "mixed") == 0) {
		/* nvidia-smi vgpu -shm: not while there is one */
		if (c->n)
			return -EBUSY;
		c->mixed = on;
	} else if (strcmp(verb, "instances") == 0) {
		if (!c->mig)
			return -ENOTSUP;
		snprintf(c->instances, sizeof(c->instances), "%s",
			 strcmp(value, "none") == 0 ? "" : value);
	} else {
		return -EINVAL;
	}
	return 0;
}

void cards_show(const struct kernel *k, struct text *out)
{
	for (const struct card *c = k->cards; c; c = c->next)
		text_print(out, "card %s vfs=%u vgpus=%u mig=%s instances=%s mixed=%s\n",
			   c->dir->name, c->n_vfs, c->n,
			   !has_mig(k, c) ? "none"
			   : c->mig       ? "on"
					  : "off",
			   *c->instances ? c->instances : "none",
			   c->mixed ? "on" : "off");
}
