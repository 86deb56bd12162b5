// SPDX-License-Identifier: GPL-2.0-or-later
/* load.c - build the fake kernel's tree from a recorded machine */
#include "cards.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int fail(char why[static MACHINE_WHY_LEN], const char *what, const char *name)
{
	snprintf(why, MACHINE_WHY_LEN, "%s: %s", name, what);
	return -EINVAL;
}

static bool is_served(const char *path)
{
	return strncmp(path, "sys/", 4) == 0 || strncmp(path, "proc/", 5) == 0;
}

static void make_nodes(struct kernel *k, const struct machine *m)
{
	static const mode_t modes[] = {
		[MACHINE_DIR] = S_IFDIR | 0755,
		[MACHINE_FILE] = S_IFREG | 0444,
		[MACHINE_LINK] = S_IFLNK | 0777,
	};

	for (size_t i = 0; i < m->n; i++) {
		const struct machine_entry *e = &m->entries[i];
		struct node *n;

		if (e->kind > MACHINE_LINK || !is_served(e->path))
			continue;
		n = node_make(k->root, e->path, modes[e->kind]);
		if (e->kind != MACHINE_DIR)
			node_set(n, e->value, e->len);
	}
}

static void make_buses(struct kernel *k)
{
	static const char *const names[] = { "pci", "platform" };

	for (size_t i = 0; i < 2; i++) {
		struct bus *bus = &k->buses[i];
		char path[64];
		struct node *dir;

		snprintf(path, sizeof(path), "sys/bus/%s", names[i]);
		dir = node_make(k->root, path, S_IFDIR | 0755);
		bus->name = names[i];
		bus->devices = node_make(dir, "devices", S_IFDIR | 0755);
		bus->drivers = node_make(dir, "drivers", S_IFDIR | 0755);
		node_make(dir, "drivers_probe", S_IFREG | 0200);
		node_make(dir, "drivers_autoprobe", S_IFREG | 0644);
		attr_use(dir, bus_attrs, bus);
	}
}

/* Every driver folder that was recorded has a driver, told of in a line or not. */
static void make_drivers(struct kernel *k, struct bus *bus)
{
	for (struct node *n = bus->drivers->child; n; n = n->next) {
		struct driver *drv = driver_by_name(k, bus, n->name);
		struct node *module = node_find(n, "module");

		if (!drv)
			drv = driver_new(k, bus, n->name);
		if (!drv->module && module)
			drv->module = strrchr(module->value, '/') + 1;
		drv->here = true;
		n->fixed = false;
		for (struct node *c = n->child; c; c = c->next)
			c->fixed = false;
	}
}

static void finish_driver(struct kernel *k, struct driver *drv)
{
	const struct module *m;

	node_make(drv->dir, "bind", S_IFREG | 0200);
	node_make(drv->dir, "unbind", S_IFREG | 0200);
	node_make(drv->dir, "uevent", S_IFREG | 0200);
	if (drv->bus == &k->buses[0]) {
		node_make(drv->dir, "new_id", S_IFREG | 0200);
		node_make(drv->dir, "remove_id", S_IFREG | 0200);
	}
	attr_use(drv->dir, driver_attrs, drv);
	if (drv->here)
		return;
	/* no folder: it waits for its module, or is built in and has no device */
	for (m = k->modules; m; m = m->next)
		if (drv->module && strcmp(m->name, drv->module) == 0)
			return;
	node_put(drv->bus->drivers, drv->dir);
	drv->here = true;
}

static void read_hex(const struct node *dir, const char *name, char *ret, size_t digits)
{
	const struct node *n = node_find(dir, name);

	if (n && n->value && n->len >= digits + 2)
		memcpy(ret, n->value + 2, digits);
}

static int use_driver(struct kernel *k, struct device *dev,
		      char why[static MACHINE_WHY_LEN])
{
	struct node *link = node_find(dev->dir, "driver");
	const char *name;

	for (struct driver *d = k->drivers; d; d = d->next)
		if (d->bus == dev->bus)
			child_adopt(dev, d);
	if (!link)
		return 0;
	name = strrchr(link->value, '/');
	dev->drv = driver_by_name(k, dev->bus, name ? name + 1 : link->value);
	if (!dev->drv || !dev->drv->here)
		return fail(why, "its driver has no folder below drivers",
			    dev->dir->name);
	link->fixed = false;
	if (!node_find(dev->drv->dir, dev->dir->name))
		node_link(dev->drv->dir, dev->dir->name, dev->dir);
	return 0;
}

struct device *device_new(struct bus *bus, struct node *dir)
{
	struct device *dev = calloc(1, sizeof(*dev));
	struct node *n;

	dev->bus = bus;
	dev->dir = dir;
	dev->vf = -1;
	read_hex(dir, "vendor", dev->vendor, 4);
	read_hex(dir, "device", dev->device, 4);
	read_hex(dir, "class", dev->class, 6);
	attr_use(dir, device_attrs, dev);
	n = node_find(dir, "driver_override");
	if (n && n->len > 1 && strcmp(n->value, "(null)\n") != 0)
		dev->override = strndup(n->value, strcspn(n->value, "\n"));
	n = node_find(dir, "reset_method");
	if (n)
		n->owner = strdup(n->value ? n->value : "");
	n = node_find(dir, "power");
	if (n)
		attr_use(n, power_attrs, dev);
	return dev;
}

static int make_device(struct kernel *k, struct bus *bus, struct node *link,
		       struct device ***tail, char why[static MACHINE_WHY_LEN])
{
	struct node *dir = node_walk(k->root, bus->devices, link->value);
	struct device *dev;

	if (!dir)
		return fail(why, "the link of the device leads nowhere", link->name);
	dev = device_new(bus, dir);
	**tail = dev;
	*tail = &dev->next;
	return use_driver(k, dev, why);
}

static void adopt_modules(struct kernel *k)
{
	struct node *dir = node_make(k->root, "sys/module", S_IFDIR | 0755);

	for (struct node *n = dir->child; n; n = n->next) {
		struct node *holders = node_find(n, "holders");

		if (node_find(n, "initstate"))
			module_adopt(k, n);
		for (struct node *h = holders ? holders->child : NULL; h; h = h->next)
			h->fixed = false;
	}
}

static void adopt_consoles(struct kernel *k)
{
	struct node *dir = node_walk(k->root, k->root, "sys/class/vtconsole");

	for (struct node *n = dir ? dir->child : NULL; n; n = n->next) {
		struct node *con = node_walk(k->root, dir, n->name);

		if (con && S_ISDIR(con->mode))
			attr_use(con, vtcon_attrs, NULL);
	}
}

int kernel_load(struct kernel *k, const struct machine *m,
		char why[static MACHINE_WHY_LEN])
{
	struct device **tail = &k->devices;

	*k = (struct kernel){ .root = node_new("", S_IFDIR | 0755) };
	node_make(k->root, "sys/devices", S_IFDIR | 0755);
	make_nodes(k, m);
	make_buses(k);
	lines_read(k, m);
	for (size_t i = 0; i < 2; i++)
		make_drivers(k, &k->buses[i]);
	for (struct driver *d = k->drivers; d; d = d->next)
		finish_driver(k, d);
	for (size_t i = 0; i < 2; i++) {
		struct bus *bus = &k->buses[i];

		for (struct node *n = bus->devices->child; n; n = n->next) {
			int r = make_device(k, bus, n, &tail, why);

			if (r < 0)
				return r;
		}
	}
	adopt_modules(k);
	adopt_consoles(k);
	control_make(k);
	return cards_make(k, why);
}
