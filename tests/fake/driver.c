// SPDX-License-Identifier: GPL-2.0-or-later
/* driver.c - the fake kernel's driver core: matching, binding, unbinding, probing */
#include "cards.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* lib/string.c, sysfs_streq(): one newline at the end does not count */
static bool sysfs_streq(const char *written, const char *name)
{
	size_t len = strlen(name);

	return strncmp(written, name, len) == 0 &&
	       (!written[len] || strcmp(written + len, "\n") == 0);
}

struct device *device_by_name(struct kernel *k, const struct bus *bus, const char *s)
{
	for (struct device *d = k->devices; d; d = d->next)
		if (d->bus == bus && sysfs_streq(s, d->dir->name))
			return d;
	return NULL;
}

struct driver *driver_by_name(struct kernel *k, const struct bus *bus, const char *name)
{
	for (struct driver *d = k->drivers; d; d = d->next)
		if (d->bus == bus && strcmp(d->name, name) == 0)
			return d;
	return NULL;
}

int device_lock(struct device *dev)
{
	return dev->lock.held ? KERNEL_WAIT : 0;
}

/*
 * Binding and unbinding hold the lock. When a fault makes them slow or hang, the lock is
 * held and the caller is asked again after lock_drop(); only then the act happens.
 */
static int sleep_locked(struct kernel *k, const struct driver *drv, struct device *dev,
			bool unbind)
{
	/* drivers/vfio/group.c, vfio_unregister_group_dev(): as long as a VM has it open */
	static const struct fault in_use = { .kind = FAULT_HANG };
	const char *name = dev->dir->name;
	const struct fault *f = NULL;

	if (unbind)
		f = card_in_use(k, dev) ? &in_use
					: fault_find(k, FAULT_HANG, drv->name, name);
	if (f == &in_use)
		dev->lock.slept = false;
	if (!f)
		f = fault_find(k, FAULT_SLOW, drv->name, name);
	return lock_sleep(k, &dev->lock, f);
}

/* One field of an id: "*", or for a class a prefix, else the whole */
static bool field_matches(const char *want, size_t len, const char *have, bool prefix)
{
	if (len == 1 && *want == '*')
		return true;
	return strncasecmp(want, have, len) == 0 && (prefix || !have[len]);
}

static bool id_matches(const char *id, size_t len, const struct device *dev)
{
	const char *colon = memchr(id, ':', len);
	const char *second =
		colon ? memchr(colon + 1, ':', len - (size_t)(colon + 1 - id)) : NULL;

	if (!colon) /* platform: the name without its number */
		return strncmp(dev->dir->name, id, len) == 0 &&
		       (dev->dir->name[len] == '.' || !dev->dir->name[len]);
	if (!field_matches(id, (size_t)(colon - id), dev->vendor, false))
		return false;
	if (!second)
		return field_matches(colon + 1, len - (size_t)(colon + 1 - id),
				     dev->device, false);
	return field_matches(colon + 1, (size_t)(second - colon - 1), dev->device,
			     false) &&
	       field_matches(second + 1, len - (size_t)(second + 1 - id), dev->class,
			     true);
}

static bool ids_match(const char *ids, const char *separators, const struct device *dev)
{
	while (ids && *ids) {
		size_t len = strcspn(ids, separators);

		if (len && id_matches(ids, len, dev))
			return true;
		ids += len;
		ids += strspn(ids, separators);
	}
	return false;
}

bool driver_ids_match(const char *ids, const struct device *dev)
{
	return ids_match(ids, ",", dev);
}

/* drivers/pci/pci-driver.c, pci_match_device() */
static bool driver_matches(const struct driver *drv, const struct device *dev)
{
	if (dev->bus != drv->bus)
		return false;
	if (dev->override)
		return strcmp(dev->override, drv->name) == 0;
	return ids_match(drv->dynids, " ", dev) || driver_ids_match(drv->ids, dev);
}

/*
 * drivers/base/dd.c, really_probe(); drivers/pci/pci-driver.c, pci_device_can_probe():
 * with sriov_drivers_autoprobe 0 no driver gets a virtual function, not even by bind
 */
static int probe(struct kernel *k, struct driver *drv, struct device *dev)
{
	const struct fault *f = fault_find(k, FAULT_REFUSE, drv->name, dev->dir->name);

	if (dev->vf >= 0 && !dev->card->autoprobe && !dev->override)
		return -ENODEV;
	if (f)
		return f->error;
	dev->drv = drv;
	node_link(dev->dir, "driver", drv->dir);
	node_link(drv->dir, dev->dir->name, dev->dir);
	child_add(k, dev, drv);
	child_vfio_group(k, dev->dir);
	card_bound(k, dev);
	return 0;
}

/* drivers/base/dd.c, __driver_probe_device() */
int driver_bind(struct kernel *k, struct driver *drv, struct device *dev)
{
	int r;

	if (dev->drv)
		return -EBUSY;
	r = sleep_locked(k, drv, dev, false);
	return r ? r : probe(k, drv, dev);
}

void driver_probe(struct kernel *k, struct device *dev)
{
	for (struct driver *d = k->drivers; d && !dev->drv; d = d->next)
		if (d->here && driver_matches(d, dev))
			(void)probe(k, d, dev);
}

void driver_unbind(struct kernel *k, struct device *dev)
{
	struct driver *drv = dev->drv;

	card_unbound(k, dev);
	child_remove(dev, drv);
	child_vfio_group(k, dev->dir);
	node_take(node_find(drv->dir, dev->dir->name));
	node_take(node_find(dev->dir, "driver"));
	dev->drv = NULL;
}

/* drivers/base/dd.c, driver_attach(): every device of the bus that has no driver */
static void driver_attach(struct kernel *k, struct driver *drv)
{
	for (struct device *d = k->devices; d; d = d->next)
		if (!d->drv && !d->lock.held && driver_matches(drv, d))
			(void)driver_bind(k, drv, d);
}

void driver_register(struct kernel *k, struct driver *drv)
{
	if (!drv->dir->parent)
		node_put(drv->bus->drivers, drv->dir);
	drv->here = true;
	if (!drv->bus->no_autoprobe)
		driver_attach(k, drv);
}

void driver_unregister(struct kernel *k, struct driver *drv)
{
	for (struct device *d = k->devices; d; d = d->next)
		if (d->drv == drv)
			driver_unbind(k, d);
	node_take(drv->dir);
	drv->here = false;
}

/* drivers/base/bus.c, bind_store() and dd.c, device_driver_attach() */
static int bind_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct driver *drv = n->owner;
	struct device *dev = device_by_name(k, drv->bus, s);

	(void)len;
	if (!dev || !driver_matches(drv, dev))
		return -ENODEV;
	if (device_lock(dev))
		return KERNEL_WAIT;
	return driver_bind(k, drv, dev);
}

/* drivers/base/bus.c, unbind_store() */
static int unbind_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct driver *drv = n->owner;
	struct device *dev = device_by_name(k, drv->bus, s);
	int r;

	(void)len;
	if (!dev || dev->drv != drv)
		return -ENODEV;
	r = sleep_locked(k, drv, dev, true);
	if (r)
		return r;
	driver_unbind(k, dev);
	return 0;
}

/*
 * drivers/base/bus.c, drivers_probe_store(); dd.c, __device_attach(): the first driver
 * that matches and accepts; errors of probes are not told.
 */
static int probe_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct device *dev = device_by_name(k, n->owner, s);

	(void)len;
	if (!dev)
		return -ENODEV;
	if (device_lock(dev))
		return KERNEL_WAIT;
	for (struct driver *d = k->drivers; d && !dev->drv; d = d->next)
		if (d->here && driver_matches(d, dev) &&
		    driver_bind(k, d, dev) == KERNEL_WAIT)
			return KERNEL_WAIT;
	return 0;
}

static int autoprobe_show(struct kernel *k, struct node *n, struct text *out)
{
	const struct bus *bus = n->owner;

	(void)k;
	text_print(out, "%d\n", !bus->no_autoprobe);
	return 0;
}

static int autoprobe_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct bus *bus = n->owner;

	(void)k;
	(void)len;
	bus->no_autoprobe = *s == '0';
	return 0;
}

/* drivers/pci/pci-driver.c, new_id_store() */
static int new_id_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct driver *drv = n->owner;
	unsigned int vendor, device;
	char id[32], *old = drv->dynids;

	(void)len;
	if (sscanf(s, "%x %x", &vendor, &device) != 2)
		return -EINVAL;
	snprintf(id, sizeof(id), "%04x:%04x ", vendor, device);
	if (old && strstr(old, id))
		return -EEXIST;
	if (asprintf(&drv->dynids, "%s%s", old ? old : "", id) < 0)
		return -ENOMEM;
	free(old);
	driver_attach(k, drv);
	return 0;
}

static int remove_id_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct driver *drv = n->owner;
	unsigned int vendor, device;
	char id[32], *at;

	(void)k;
	(void)len;
	if (sscanf(s, "%x %x", &vendor, &device) != 2)
		return -EINVAL;
	snprintf(id, sizeof(id), "%04x:%04x ", vendor, device);
	at = drv->dynids ? strstr(drv->dynids, id) : NULL;
	if (!at)
		return -ENODEV;
	memmove(at, at + strlen(id), strlen(at + strlen(id)) + 1);
	return 0;
}

const struct attr driver_attrs[] = {
	{ "bind", 0200, NULL, bind_store },
	{ "unbind", 0200, NULL, unbind_store },
	{ "new_id", 0200, NULL, new_id_store },
	{ "remove_id", 0200, NULL, remove_id_store },
	{ "uevent", 0200, NULL, NULL },
	{ NULL, 0, NULL, NULL },
};

const struct attr bus_attrs[] = {
	{ "drivers_probe", 0200, NULL, probe_store },
	{ "drivers_autoprobe", 0644, autoprobe_show, autoprobe_store },
	{ "uevent", 0200, NULL, NULL },
	{ NULL, 0, NULL, NULL },
};
