// SPDX-License-Identifier: GPL-2.0-or-later
/* mdev.c - mediated devices of the fake kernel: drivers/vfio/mdev */
#include "cards.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define UUID_LEN 36

/* What the files of one type on one parent are about */
struct offer {
	struct parent *parent;
	const struct type *type;
	struct node *devices;
};

/* lib/uuid.c, uuid_is_valid() */
static bool is_uuid(const char *s)
{
	for (int i = 0; i < UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return true;
}

struct mdev *mdev_find(struct kernel *k, const char *uuid)
{
	for (struct mdev *m = k->mdevs; m; m = m->next)
		if (strncasecmp(m->dir->name, uuid, UUID_LEN) == 0)
			return m;
	return NULL;
}

static void forget(struct kernel *k, struct mdev *m)
{
	struct mdev **p = &k->mdevs;
	char path[NODE_PATH_LEN];

	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%s", m->dir->name);
	vfio_remove(k, m->dir);
	group_leave(k, m->dir);
	while (*p != m)
		p = &(*p)->next;
	*p = m->next;
	node_take(node_find(node_walk(k->root, k->root, "sys/bus/mdev/devices"),
			    m->dir->name));
	node_take(m->dir);
	/* never freed: somebody may have a file of it open */
}

/* mdev_remove_sysfs_files() */
static void take_links(struct mdev *m)
{
	struct node *type = node_find(m->dir, "mdev_type"), *types, *link = NULL;
	char name[64];

	if (!type)
		return;
	snprintf(name, sizeof(name), "%s-%s", m->parent->set->prefix, m->type->id);
	types = node_find(node_find(m->parent->dir, "mdev_supported_types"), name);
	if (types)
		link = node_find(node_find(types, "devices"), m->dir->name);
	if (link)
		node_take(link);
	node_take(type);
}

/* Out of its folder for who looks, but still with a path for who is in the middle of it */
static void hide(struct node *n)
{
	struct node *dir = n->parent;

	node_take(n);
	n->parent = dir;
}

/* mdev_sysfs.c, remove_store(); vfio_unregister_group_dev() waits for the VM */
static int remove_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct mdev *m = n->owner;
	long v;

	(void)len;
	if (number_parse(s, 0, __LONG_MAX__, &v) < 0)
		return -EINVAL;
	if (!v)
		return 0;
	if (m->removing && !k->again)
		return -ENODEV;
	if (m->pending)
		return -EAGAIN;
	if (!m->removing) {
		m->removing = true;
		hide(n);
		take_links(m);
	}
	if (m->held || m->until > now_ms())
		return KERNEL_WAIT;
	m->parent->n--;
	card_give(m->parent->card, m->type);
	forget(k, m);
	return 0;
}

static const struct attr device_file_attrs[] = {
	{ "remove", 0200, NULL, remove_store },
	{ "uevent", 0644, NULL, NULL },
	{ NULL, 0, NULL, NULL },
};

static struct mdev *begin(struct kernel *k, struct offer *o, const char *uuid)
{
	struct mdev *m = calloc(1, sizeof(*m));
	char name[UUID_LEN + 1];

	if (!m)
		err(1, "fake kernel");
	for (int i = 0; i <= UUID_LEN; i++)
		name[i] = (char)tolower((unsigned char)uuid[i]);
	name[UUID_LEN] = '\0';
	m->parent = o->parent;
	m->type = o->type;
	m->pending = true;
	m->dir = node_new(name, S_IFDIR | 0755);
	node_put(o->parent->dir, m->dir);
	node_make(m->dir, "uevent", S_IFREG | 0644);
	node_link(m->dir, "subsystem", node_walk(k->root, k->root, "sys/bus/mdev"));
	node_link(node_walk(k->root, k->root, "sys/bus/mdev/devices"), name, m->dir);
	m->next = k->mdevs;
	k->mdevs = m;
	return m;
}

static void finish(struct kernel *k, struct offer *o, struct mdev *m)
{
	char path[NODE_PATH_LEN];

	snprintf(path, sizeof(path), "sys/bus/mdev/drivers/%s", o->parent->set->prefix);
	node_link(m->dir, "driver", node_make(k->root, path, S_IFDIR | 0755));
	group_join(k, m->dir);
	vfio_add(k, m->dir);
	node_make(m->dir, "remove", S_IFREG | 0200)->fixed = false;
	node_link(m->dir, "mdev_type", o->devices->parent);
	node_link(o->devices, m->dir->name, m->dir);
	attr_use(m->dir, device_file_attrs, m);
	m->pending = false;
	o->parent->n++;
	card_take(o->parent->card, o->type);
}

/*
 * mdev_sysfs.c, create_store(); mdev_core.c, mdev_device_create(): the device is there
 * before its driver is asked for room
 */
static int create_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct offer *o = n->owner;
	struct mdev *m;
	int r;

	if (len < UUID_LEN || len > UUID_LEN + 1 || !is_uuid(s))
		return -EINVAL;
	m = mdev_find(k, s);
	if (m && !(k->again && m->pending && m->parent == o->parent))
		return -EEXIST;
	if (!m)
		m = begin(k, o, s);
	r = card_sleep(k, o->parent->card);
	if (r)
		return r;
	/* the parent went away meanwhile */
	if (!node_find(o->parent->dir, "mdev_supported_types")) {
		forget(k, m);
		return -ENODEV;
	}
	if (card_room(k, o->parent, o->type) == 0) {
		forget(k, m);
		return o->parent->set->full;
	}
	finish(k, o, m);
	return 0;
}

static int available_show(struct kernel *k, struct node *n, struct text *out)
{
	const struct offer *o = n->owner;

	text_print(out, "%u\n", card_room(k, o->parent, o->type));
	return 0;
}

static const struct attr type_attrs[] = {
	{ "create", 0200, NULL, create_store },
	{ "available_instances", 0444, available_show, NULL },
	{ NULL, 0, NULL, NULL },
};

static void make_file(struct node *dir, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void make_file(struct node *dir, const char *name, const char *format, ...)
{
	char text[256];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	node_set(node_make(dir, name, S_IFREG | 0444), text, (size_t)len);
}

static void add_type(struct parent *p, struct node *all, const struct type *t)
{
	struct offer *o = calloc(1, sizeof(*o));
	struct node *dir;
	char name[64];

	if (!o)
		err(1, "fake kernel");
	snprintf(name, sizeof(name), "%s-%s", p->set->prefix, t->id);
	dir = node_make(all, name, S_IFDIR | 0755);
	o->parent = p;
	o->type = t;
	o->devices = node_make(dir, "devices", S_IFDIR | 0755);
	node_make(dir, "create", S_IFREG | 0200);
	node_make(dir, "available_instances", S_IFREG | 0444);
	make_file(dir, "device_api", "vfio-pci\n");
	if (*t->name)
		make_file(dir, "name", "%s\n", t->name);
	if (t->size && p->dev)
		make_file(dir, "description",
			  "num_heads=4, frl_config=60, framebuffer=%uM, "
			  "max_resolution=5120x2880, max_instance=%u\n",
			  t->size, t->max);
	attr_use(dir, type_attrs, o);
}

/* mdev_core.c, mdev_register_parent() */
void mdev_register(struct kernel *k, struct parent *p)
{
	struct node *all = node_new("mdev_supported_types", S_IFDIR | 0755);
	char driver[NODE_PATH_LEN];

	snprintf(driver, sizeof(driver), "sys/bus/mdev/drivers/%s", p->set->prefix);
	node_make(k->root, driver, S_IFDIR | 0755);
	node_make(k->root, "sys/bus/mdev/devices", S_IFDIR | 0755);
	for (const struct type *t = p->set->types; t; t = t->next)
		add_type(p, all, t);
	node_put(p->dir, all);
	node_link(node_make(k->root, "sys/class/mdev_bus", S_IFDIR | 0755), p->dir->name,
		  p->dir);
}

void mdev_unregister(struct kernel *k, struct parent *p)
{
	struct mdev *next;

	for (struct mdev *m = k->mdevs; m; m = next) {
		next = m->next;
		if (m->parent != p || m->pending)
			continue;
		p->n--;
		card_give(p->card, m->type);
		forget(k, m);
	}
	node_take(node_find(p->dir, "mdev_supported_types"));
	node_take(node_find(node_walk(k->root, k->root, "sys/class/mdev_bus"),
			    p->dir->name));
}
