// SPDX-License-Identifier: GPL-2.0-or-later
/* child.c - what a driver of the fake kernel adds below its devices, and takes away */
#include "kernel.h"

#include <err.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One CHILD of a driver's "adds": PATH@MAJOR:BASE[*STEP] */
struct child {
	char path[128];
	unsigned int major;
	unsigned int base;
	unsigned int step;
};

static const char *next_child(const char *adds, struct child *ret)
{
	size_t len = strcspn(adds, ",");
	char word[192];

	if (len == 0)
		return NULL;
	if (len >= sizeof(word))
		errx(1, "fake kernel: %s: too long", adds);
	memcpy(word, adds, len);
	word[len] = '\0';
	ret->step = 1;
	if (sscanf(word, "%127[^@]@%u:%u*%u", ret->path, &ret->major, &ret->base,
		   &ret->step) < 3)
		errx(1, "fake kernel: adds=%s: want PATH@MAJOR:BASE[*STEP]", word);
	return adds + len + (adds[len] == ',');
}

/* The first folder of a child as a pattern: "drm", "i2c-*" */
static bool is_child(const char *name, const struct driver *drv)
{
	const char *adds = drv->adds;
	struct child c;

	while (adds && (adds = next_child(adds, &c))) {
		c.path[strcspn(c.path, "/")] = '\0';
		for (char *p = c.path; *p; p++)
			if (*p == '#' || *p == '%')
				*p = '*';
		if (fnmatch(c.path, name, 0) == 0)
			return true;
	}
	return false;
}

static void park(struct device *dev, const struct driver *drv, struct node *n)
{
	struct parked *p = calloc(1, sizeof(*p));

	if (!p)
		err(1, "fake kernel");
	node_take(n);
	p->drv = drv;
	p->node = n;
	p->next = dev->parked;
	dev->parked = p;
}

void child_adopt(struct device *dev, struct driver *drv)
{
	for (struct node *n = dev->dir->child; n; n = n->next) {
		if (!S_ISDIR(n->mode) || !is_child(n->name, drv))
			continue;
		n->fixed = false;
		n->quiet = true;
	}
}

void child_remove(struct device *dev, struct driver *drv)
{
	struct node *next;

	for (struct node *n = dev->dir->child; n; n = next) {
		next = n->next;
		if (S_ISDIR(n->mode) && is_child(n->name, drv))
			park(dev, drv, n);
	}
}

static bool put_back(struct device *dev, const struct driver *drv)
{
	bool any = false;

	for (struct parked **p = &dev->parked; *p;) {
		struct parked *old = *p;

		if (old->drv != drv) {
			p = &old->next;
			continue;
		}
		node_put(dev->dir, old->node);
		*p = old->next;
		free(old);
		any = true;
	}
	return any;
}

/* The class of a child: the last folder of its path without a number, drm, vfio-dev */
static void link_subsystem(struct kernel *k, const struct child *c, struct node *leaf)
{
	char copy[128], path[160], *save = NULL;
	const char *class = "misc";

	memcpy(copy, c->path, sizeof(copy));
	for (char *w = strtok_r(copy, "/", &save); w; w = strtok_r(NULL, "/", &save))
		if (!strpbrk(w, "#%"))
			class = w;
	snprintf(path, sizeof(path), "sys/class/%s", class);
	if (!node_find(leaf, "subsystem"))
		node_link(leaf, "subsystem", node_make(k->root, path, S_IFDIR | 0755));
}

static void fill_in(const struct child *c, unsigned int number, char ret[static 256])
{
	char *out = ret;

	for (const char *p = c->path; *p; p++) {
		if (*p == '#')
			out += sprintf(out, "%u", number);
		else if (*p == '%')
			out += sprintf(out, "%u", c->base + number * c->step);
		else
			*out++ = *p;
	}
	*out = '\0';
}

/* A number is taken while any device has a child of that path, bound or parked. */
static bool number_is_free(struct kernel *k, const struct child *c, unsigned int number)
{
	char path[256];

	fill_in(c, number, path);
	for (struct device *d = k->devices; d; d = d->next) {
		size_t first = strcspn(path, "/");

		if (node_walk(k->root, d->dir, path))
			return false;
		for (struct parked *p = d->parked; p; p = p->next)
			if (strncmp(p->node->name, path, first) == 0 &&
			    !p->node->name[first] && path[first] &&
			    node_walk(p->node, p->node, path + first + 1))
				return false;
	}
	return true;
}

void child_add(struct kernel *k, struct device *dev, struct driver *drv)
{
	const char *adds = drv->adds;
	unsigned int number = 0;
	char first[128] = "";
	struct child c;

	if (!adds || put_back(dev, drv))
		return;
	while ((adds = next_child(adds, &c))) {
		char path[256], text[32];
		struct node *n;

		/* children of one folder (card, render node) share a number */
		if (strncmp(first, c.path, strcspn(c.path, "/") + 1) != 0) {
			number = *first ? 0 : drv->number;
			while (!number_is_free(k, &c, number))
				number++;
			if (!*first)
				drv->number = number + 1; /* parked ones keep theirs */
			memcpy(first, c.path, sizeof(first));
		}
		fill_in(&c, number, path);
		strcat(path, "/dev");
		n = node_make(dev->dir, path, S_IFREG | 0444);
		link_subsystem(k, &c, n->parent);
		node_set(n, text,
			 (size_t)snprintf(text, sizeof(text), "%u:%u\n", c.major,
					  c.base + number * c.step));
	}
	child_adopt(dev, drv);
}

/*
 * drivers/vfio/group.c: /sys/class/vfio/GROUP and /dev/vfio/GROUP are there while any
 * device of the group has a VFIO driver, which is one that adds a "vfio-dev" folder.
 */
void child_vfio_group(struct kernel *k, const struct node *dev)
{
	const struct node *group = node_find(dev, "iommu_group");
	const char *name = group ? strrchr(group->value, '/') + 1 : NULL;
	char path[NODE_PATH_LEN], text[32];
	struct node *members, *n, *class;
	bool any = false;

	if (!name)
		return;
	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%s/devices", name);
	members = node_walk(k->root, k->root, path);
	for (n = members ? members->child : NULL; n; n = n->next)
		any |= node_find(node_walk(k->root, members, n->value), "vfio-dev") !=
		       NULL;

	class = node_make(k->root, "sys/class/vfio", S_IFDIR | 0755);
	class->quiet = true;
	snprintf(path, sizeof(path), "sys/devices/virtual/vfio/%s", name);
	if (any && !node_find(class, name)) {
		struct node *dir = node_make(k->root, path, S_IFDIR | 0755);

		dir->fixed = false;
		dir->parent->quiet = true;
		node_set(node_make(dir, "dev", S_IFREG | 0444), text,
			 (size_t)snprintf(text, sizeof(text), "243:%s\n", name));
		node_link(dir, "subsystem", class);
		node_link(class, name, dir);
	} else if (!any && node_find(class, name)) {
		node_take(node_find(class, name));
		node_take(node_walk(k->root, k->root, path));
	}
}
