// SPDX-License-Identifier: GPL-2.0-or-later
/* inventory-closer.c - of functions that are to be taken: their VFIO driver, and who uses them */

#include "inventory-parts.h"

#include "file.h"
#include "nodes.h"
#include "text.h"
#include "uses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static int read_aliases(const struct host *h, char **ret)
{
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_LEN], release[64];
	ssize_t n =
		file_read(h->root, "proc/sys/kernel/osrelease", release, sizeof(release));
	int r;

	if (n < 0)
		return (int)n;
	r = text_format(path, sizeof(path), "lib/modules/%s/modules.alias", release);
	if (r < 0)
		return r;
	fd = openat(h->root, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = file_read_all(fd, ALIAS_TEXT_MAX, ret);
	if (n < 0)
		return (int)n;
	alias_keep_vfio(*ret, (size_t)n);
	return 0;
}

static int is_pci_driver(const char *name, void *data)
{
	return strncmp(name, "pci:", 4) == 0 ? text_copy(data, MODULE_LEN, name + 4) == 0
					     : 0;
}

/*
 * A module that is loaded says what its driver is called. One that is not yet loaded is
 * called as its driver, but for vfio_pci: all variants use KBUILD_MODNAME.
 */
static int driver_of_module(const struct host *h, const char *module,
			    char ret[static MODULE_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/module/%s/drivers", module);

	if (r < 0)
		return r;
	r = file_each(h->root, path, is_pci_driver, ret);
	if (r > 0)
		return 0;
	if (r < 0 && r != -ENOENT)
		return r;
	return text_copy(ret, MODULE_LEN,
			 strcmp(module, "vfio_pci") == 0 ? "vfio-pci" : module);
}

static int find_vfio(const struct host *h, const char *aliases, struct function *f)
{
	CLEANUP(close_fd) int dir = inventory_open(h, f->name);
	struct alias_device dev = { .vendor = f->id.vendor,
				    .device = f->id.device,
				    .class = f->class };
	uint32_t v;

	if (inventory_hex(dir, "subsystem_vendor", UINT16_MAX, &v) == 0)
		dev.subvendor = (uint16_t)v;
	if (inventory_hex(dir, "subsystem_device", UINT16_MAX, &v) == 0)
		dev.subdevice = (uint16_t)v;
	alias_best_vfio(aliases, &dev, f->vfio_module);
	return driver_of_module(h, f->vfio_module, f->vfio_driver);
}

/* what a closer look needs for each of @n functions */
struct closer {
	size_t n;
	struct nodes *nodes;
	struct holders *holders;
};

static void free_closer(struct closer *c)
{
	for (size_t i = 0; c->nodes && i < c->n; i++)
		nodes_free(&c->nodes[i]);
	free(c->nodes);
	free(c->holders);
}

static int find_users(const struct host *h, struct function *const *f, size_t n)
{
	CLEANUP(free_closer)
	struct closer c = {
		.n = n,
		.nodes = calloc(n, sizeof(*c.nodes)),
		.holders = calloc(n, sizeof(*c.holders)),
	};
	int r = c.nodes && c.holders ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++) {
		c.holders[i].nodes = &c.nodes[i];
		r = nodes_collect(h, f[i]->name, &c.nodes[i]);
		if (r == 0)
			r = uses_describe(h, &c.nodes[i], f[i]->use, sizeof(f[i]->use));
		f[i]->framebuffer = c.nodes[i].framebuffer;
	}
	if (r == 0)
		r = holders_find(h, c.holders, n);
	for (size_t i = 0; i < n && r == 0; i++) {
		memcpy(f[i]->holders, c.holders[i].holder, sizeof(f[i]->holders));
		f[i]->n_holders = c.holders[i].n;
	}
	return r;
}

int inventory_look_closer(const struct host *h, struct inventory *inv,
			  const struct bdf *bdfs, size_t n)
{
	CLEANUP(free_ptr) char *aliases = NULL;
	CLEANUP(free_ptr) struct function **found = calloc(n + 1, sizeof(*found));
	size_t n_found = 0;
	int r;

	if (!found)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		found[n_found] = inventory_find(inv, &bdfs[i]);
		if (found[n_found])
			n_found++;
	}
	if (n_found == 0)
		return 0;
	r = read_aliases(h, &aliases);
	if (r == -ENOENT)
		r = 0; /* no modules at all: what is built in */
	for (size_t i = 0; i < n_found && r == 0; i++)
		r = find_vfio(h, aliases ? aliases : "", found[i]);
	return r < 0 ? r : find_users(h, found, n_found);
}
