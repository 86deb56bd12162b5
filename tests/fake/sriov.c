// SPDX-License-Identifier: GPL-2.0-or-later
/* sriov.c - virtual functions of the fake kernel: drivers/pci/iov.c */
#include "cards.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static long number_in(const struct node *dir, const char *name, long otherwise)
{
	const struct node *n = node_find(dir, name);

	return n && n->value ? strtol(n->value, NULL, 0) : otherwise;
}

struct device *vf_of(struct kernel *k, const struct card *c, int index)
{
	for (struct device *d = k->devices; d; d = d->next)
		if (d->card == c && d->vf == index)
			return d;
	return NULL;
}

void vf_adopt(struct kernel *k, struct card *c)
{
	long n = number_in(c->dir, "sriov_numvfs", 0);

	c->total = (unsigned int)number_in(c->dir, "sriov_totalvfs", 0);
	c->autoprobe = number_in(c->dir, "sriov_drivers_autoprobe", 1) != 0;
	for (int i = 0; i < n; i++) {
		char name[32];
		struct node *link, *dir;

		snprintf(name, sizeof(name), "virtfn%d", i);
		link = node_find(c->dir, name);
		dir = link ? node_walk(k->root, c->dir, link->value) : NULL;
		for (struct device *d = k->devices; dir && d; d = d->next) {
			if (d->dir != dir)
				continue;
			d->card = c;
			d->vf = i;
			dir->fixed = false;
			link->fixed = false;
			link = node_find(d->bus->devices, dir->name);
			link->fixed = false;
			c->n_vfs++;
		}
	}
}

/* pci_iov_virtfn_bus(), pci_iov_virtfn_devfn() */
static void vf_name(const struct card *c, unsigned int i, char ret[static 16])
{
	unsigned int domain, bus, slot, function, id;

	sscanf(c->dir->name, "%x:%x:%x.%x", &domain, &bus, &slot, &function);
	id = (bus << 8 | slot << 3 | function) +
	     (unsigned int)number_in(c->dir, "sriov_offset", 4) +
	     (unsigned int)number_in(c->dir, "sriov_stride", 1) * i;
	snprintf(ret, 16, "%04x:%02x:%02x.%x", domain & 0xffff, id >> 8 & 0xff,
		 id >> 3 & 0x1f, id & 7);
}

/* Not what a virtual function has no own of */
static bool is_inherited(const char *name)
{
	return strncmp(name, "sriov_", 6) != 0 && strncmp(name, "resource", 8) != 0 &&
	       strcmp(name, "boot_vga") != 0 && strcmp(name, "rom") != 0;
}

static void copy_files(const struct node *from, struct node *to)
{
	for (const struct node *n = from->child; n; n = n->next) {
		struct node *copy;

		if (!S_ISREG(n->mode) || !is_inherited(n->name))
			continue;
		copy = node_make(to, n->name, S_IFREG | 0444);
		node_set(copy, n->value ? n->value : "", n->len);
	}
}

static struct node *vf_folder(struct kernel *k, const struct card *c, const char *name)
{
	struct node *dir = node_new(name, S_IFDIR | 0755), *id, *power;
	const struct node *own = node_find(c->dir, "sriov_vf_device");

	copy_files(c->dir, dir);
	power = node_find(c->dir, "power");
	if (power)
		copy_files(power, node_make(dir, "power", S_IFDIR | 0755));
	node_set(node_make(dir, "driver_override", S_IFREG | 0444), "(null)\n", 7);
	id = node_find(dir, "device");
	if (own && own->value && id) {
		char text[16];

		node_set(id, text,
			 (size_t)snprintf(text, sizeof(text), "0x%04lx\n",
					  strtol(own->value, NULL, 16)));
	}
	node_put(c->dir->parent, dir);
	node_link(dir, "subsystem", node_walk(k->root, k->root, "sys/bus/pci"));
	return dir;
}

/* pci_iov_add_virtfn() */
static void vf_add(struct kernel *k, struct card *c, unsigned int i)
{
	struct device *dev, *after = c->pf, *before;
	char name[16], link[24];
	struct node *dir;

	vf_name(c, i, name);
	dir = vf_folder(k, c, name);
	dev = device_new(c->pf->bus, dir);
	dev->card = c;
	dev->vf = (int)i;
	before = i ? vf_of(k, c, (int)i - 1) : NULL;
	after = before ? before : after;
	dev->next = after->next;
	after->next = dev;
	node_link(dev->bus->devices, name, dir);
	if (node_find(c->dir, "iommu_group"))
		group_join(k, dir);
	snprintf(link, sizeof(link), "virtfn%u", i);
	node_link(c->dir, link, dir);
	node_link(dir, "physfn", c->dir);
	driver_probe(k, dev);
}

/* pci_iov_remove_virtfn() */
static void vf_remove(struct kernel *k, struct card *c, int i)
{
	struct device *dev = vf_of(k, c, i), **p = &k->devices;
	char link[24];

	if (!dev)
		return;
	snprintf(link, sizeof(link), "virtfn%d", i);
	node_take(node_find(c->dir, link));
	if (dev->drv)
		driver_unbind(k, dev);
	group_leave(k, dev->dir);
	node_take(node_find(dev->bus->devices, dev->dir->name));
	node_take(dev->dir);
	while (*p != dev)
		p = &(*p)->next;
	*p = dev->next; /* never freed: somebody may have a file of it open */
}

static bool any_held(const struct kernel *k, const struct card *c)
{
	for (const struct device *d = k->devices; d; d = d->next)
		if (d->card == c && d->vf >= 0 && card_in_use(k, d))
			return true;
	return false;
}

/* What enabling or disabling takes: a fault, or as long as a VM has a function */
static int numvfs_sleep(struct kernel *k, struct card *c, bool disable)
{
	static const struct fault in_use = { .kind = FAULT_HANG };
	const struct fault *f = fault_find(k, FAULT_SLOW, "numvfs", c->dir->name);

	if (disable && any_held(k, c)) {
		c->pf->lock.slept = false;
		f = &in_use;
	}
	return lock_sleep(k, &c->pf->lock, f);
}

/* sriov_numvfs_store() */
static int numvfs_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct device *pf = n->owner;
	struct card *c = pf->card;
	long v;
	int r;

	(void)len;
	if (number_parse(s, 0, 65535, &v) < 0)
		return -EINVAL;
	if (v > c->total)
		return -ERANGE;
	if (device_lock(pf))
		return KERNEL_WAIT;
	if (v == c->n_vfs)
		return 0;
	if (!pf->drv || !pf->drv->sriov)
		return -ENOENT;
	if (v && c->n_vfs)
		return -EBUSY;
	r = numvfs_sleep(k, c, v == 0);
	if (r)
		return r;
	for (int i = (int)c->n_vfs - 1; i >= 0 && v == 0; i--)
		vf_remove(k, c, i);
	for (unsigned int i = 0; i < v; i++)
		vf_add(k, c, i);
	c->n_vfs = (unsigned int)v;
	return 0;
}

/* Since 5.18 under the device lock */
static int numvfs_show(struct kernel *k, struct node *n, struct text *out)
{
	struct device *pf = n->owner;

	(void)k;
	if (device_lock(pf))
		return KERNEL_WAIT;
	text_print(out, "%u\n", pf->card->n_vfs);
	return 0;
}

static int autoprobe_show(struct kernel *k, struct node *n, struct text *out)
{
	struct device *pf = n->owner;

	(void)k;
	text_print(out, "%d\n", pf->card->autoprobe);
	return 0;
}

/* lib/kstrtox.c, kstrtobool() */
static int autoprobe_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct device *pf = n->owner;

	(void)k;
	(void)len;
	if (strchr("1yYtT", *s) && *s)
		pf->card->autoprobe = true;
	else if (strchr("0nNfF", *s) && *s)
		pf->card->autoprobe = false;
	else if ((*s == 'o' || *s == 'O') && strchr("nNfF", s[1]) && s[1])
		pf->card->autoprobe = s[1] == 'n' || s[1] == 'N';
	else
		return -EINVAL;
	return 0;
}

const struct attr sriov_attrs[] = {
	{ "sriov_numvfs", 0644, numvfs_show, numvfs_store },
	{ "sriov_drivers_autoprobe", 0644, autoprobe_show, autoprobe_store },
	{ NULL, 0, NULL, NULL },
};
