// SPDX-License-Identifier: GPL-2.0-or-later
/* module.c - loading and unloading modules of the fake kernel */
#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int refcnt_show(struct kernel *k, struct node *n, struct text *out)
{
	const struct module *m = n->owner;

	(void)k;
	text_print(out, "%d\n", m->refcnt);
	return 0;
}

static const struct attr module_attrs[] = {
	{ "refcnt", 0444, refcnt_show, NULL },
	{ "uevent", 0200, NULL, NULL },
	{ NULL, 0, NULL, NULL },
};

static struct module *find(struct kernel *k, const char *name, size_t len)
{
	for (struct module *m = k->modules; m; m = m->next) {
		size_t i;

		for (i = 0; i < len && m->name[i]; i++)
			if (m->name[i] != (name[i] == '-' ? '_' : name[i]))
				break;
		if (i == len && !m->name[len])
			return m;
	}
	return NULL;
}

void module_adopt(struct kernel *k, struct node *dir)
{
	struct module *m = find(k, dir->name, strlen(dir->name));
	struct node *refcnt = node_find(dir, "refcnt");

	if (!m) {
		m = calloc(1, sizeof(*m));
		m->name = dir->name;
		m->deps = "";
		m->next = k->modules;
		k->modules = m;
	}
	m->dir = dir;
	m->loaded = true;
	m->refcnt = refcnt && refcnt->value ? atoi(refcnt->value) : 0;
	attr_use(dir, module_attrs, m);
	dir->fixed = false;
}

static void make_dir(struct kernel *k, struct module *m)
{
	char path[NODE_PATH_LEN];

	snprintf(path, sizeof(path), "sys/module/%s", m->name);
	m->dir = node_make(k->root, path, S_IFDIR | 0755);
	m->dir->fixed = false;
	node_make(m->dir, "holders", S_IFDIR | 0755);
	node_set(node_make(m->dir, "initstate", S_IFREG | 0444), "live\n", 5);
	node_make(m->dir, "refcnt", S_IFREG | 0444);
	attr_use(m->dir, module_attrs, m);
}

/* sys/module/M/drivers/BUS:NAME and sys/bus/BUS/drivers/NAME/module */
static void link_driver(struct module *m, struct driver *drv)
{
	struct node *dir = node_make(m->dir, "drivers", S_IFDIR | 0755);
	char name[128];

	snprintf(name, sizeof(name), "%s:%s", drv->bus->name, drv->name);
	if (!node_find(dir, name))
		node_link(dir, name, drv->dir);
	if (!node_find(drv->dir, "module"))
		node_link(drv->dir, "module", m->dir);
}

/* Takes or gives up the use of every module that this one needs. */
static void use_deps(struct kernel *k, struct module *m, int by)
{
	const char *d = m->deps;

	while (*d) {
		size_t len = strcspn(d, ",");
		struct module *dep = find(k, d, len);
		struct node *holders =
			dep && dep->dir ? node_find(dep->dir, "holders") : NULL;

		if (dep)
			dep->refcnt += by;
		if (holders && by > 0 && !node_find(holders, m->name))
			node_link(holders, m->name, m->dir);
		else if (holders && by < 0 && node_find(holders, m->name))
			node_take(node_find(holders, m->name));
		d += len;
		d += *d == ',';
	}
}

static bool deps_are_loaded(struct kernel *k, const struct module *m)
{
	const char *d = m->deps;

	while (*d) {
		size_t len = strcspn(d, ",");
		const struct module *dep = find(k, d, len);

		if (!dep || !dep->loaded)
			return false;
		d += len;
		d += *d == ',';
	}
	return true;
}

int module_load(struct kernel *k, const char *name)
{
	struct module *m = find(k, name, strlen(name));
	const struct fault *f;

	if (!m)
		return -ENOENT;
	if (m->loaded)
		return -EEXIST;
	if (!deps_are_loaded(k, m))
		return -ENOENT; /* "Unknown symbol in module" */
	f = fault_find(k, FAULT_MODULE, m->name, "*");
	if (f)
		return f->error;
	if (!m->dir)
		make_dir(k, m);
	else
		node_put(node_make(k->root, "sys/module", S_IFDIR | 0755), m->dir);
	m->loaded = true;
	use_deps(k, m, 1);
	for (struct driver *d = k->drivers; d; d = d->next) {
		if (!d->module || strcmp(d->module, m->name) != 0)
			continue;
		if (!d->dir->parent)
			node_put(d->bus->drivers, d->dir);
		link_driver(m, d);
		driver_register(k, d);
	}
	return 0;
}

/* kernel/module/main.c, delete_module(2), called with O_NONBLOCK as libkmod does */
int module_unload(struct kernel *k, const char *name)
{
	struct module *m = find(k, name, strlen(name));

	if (!m || !m->loaded)
		return -ENOENT;
	if (m->refcnt > 0)
		return -EWOULDBLOCK;
	for (struct driver *d = k->drivers; d; d = d->next)
		if (d->here && d->module && strcmp(d->module, m->name) == 0)
			driver_unregister(k, d);
	use_deps(k, m, -1);
	node_take(m->dir);
	m->loaded = false;
	return 0;
}
