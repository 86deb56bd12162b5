// SPDX-License-Identifier: GPL-2.0-or-later
/* inventory.c - a read-only snapshot of PCI functions and of what uses them */

#include "inventory.h"

#include "consoles.h"
#include "file.h"
#include "nodes.h"
#include "text.h"
#include "uses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICES "sys/bus/pci/devices/"

/* the function's folder, opened once: the link to it and eight bridges are walked once */
static int open_function(const struct host *h, const char *bdf)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "%s", bdf), fd;

	if (r < 0)
		return r;
	fd = openat(h->root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_hex(int dir, const char *attr, uint32_t max, uint32_t *ret)
{
	char text[16];
	uint64_t v;
	ssize_t n = file_read(dir, attr, text, sizeof(text));
	int r = n < 0 ? (int)n : text_hex(text, max, &v);

	if (r == 0)
		*ret = (uint32_t)v;
	return r;
}

static int read_link(int dir, const char *attr, char *ret, size_t size)
{
	int r = file_link_name(dir, attr, ret, size);

	if (r == -ENOENT)
		ret[0] = '\0';
	return r == -ENOENT ? 0 : r;
}

/*
 * The links virtfn0, virtfn1, ... are counted, because reading sriov_numvfs takes the
 * device lock. A mediated device is a folder below its parent's.
 *
 * Source: Linux drivers/vfio/mdev/mdev_core.c, mdev_device_create()
 */
static int note_made(const char *name, void *data)
{
	struct function *f = data;

	if (strncmp(name, "virtfn", 6) == 0)
		f->n_vfs++;
	return text_is_uuid(name) ? text_copy(f->made, sizeof(f->made), name) : 0;
}

static int read_identity(int dir, struct function *f)
{
	uint32_t vendor, device;
	int r = read_hex(dir, "vendor", UINT16_MAX, &vendor);

	if (r == 0)
		r = read_hex(dir, "device", UINT16_MAX, &device);
	if (r == 0)
		r = read_hex(dir, "class", 0xffffff, &f->class);
	if (r == 0)
		f->id = (struct id_pair){ .vendor = (uint16_t)vendor,
					  .device = (uint16_t)device };
	return r;
}

static int read_binding(int dir, struct function *f)
{
	char group[16] = "";
	uint64_t number;
	int r = read_link(dir, "driver", f->driver, sizeof(f->driver));

	if (r == 0 && f->driver[0])
		r = read_link(dir, "driver/module", f->module, sizeof(f->module));
	if (r == 0)
		r = read_link(dir, "iommu_group", group, sizeof(group));
	if (group[0] && text_number(group, INT32_MAX, &number) == 0)
		f->group = (int)number;
	return r;
}

static int read_function(const struct host *h, const struct bdf *b, struct function *f)
{
	CLEANUP(close_fd) int dir = -1;
	uint32_t boot_vga = 0;
	int r;

	*f = (struct function){ .bdf = *b, .group = -1 };
	bdf_format(b, f->name);
	dir = open_function(h, f->name);
	r = dir < 0 ? dir : read_identity(dir, f);
	if (r == 0)
		r = read_binding(dir, f);
	if (r < 0)
		return r;
	/* only display functions have it */
	if (CLASS_BASE(f->class) == CLASS_DISPLAY)
		(void)read_hex(dir, "boot_vga", 1, &boot_vga);
	f->boot_vga = boot_vga;
	f->vf = file_exists(dir, "physfn");
	f->vgpu = file_exists(dir, "nvidia/current_vgpu_type");
	f->mdev = file_exists(dir, "mdev_supported_types");
	if (!f->mdev && !file_exists(dir, "sriov_totalvfs"))
		return 0;
	return file_each(dir, ".", note_made, f);
}

struct function *inventory_find(const struct inventory *inv, const struct bdf *b)
{
	for (size_t i = 0; i < inv->n; i++)
		if (bdf_equal(&inv->function[i].bdf, b))
			return &inv->function[i];
	return NULL;
}

bool function_is_gpu(const struct function *f)
{
	return CLASS_BASE(f->class) == CLASS_DISPLAY ||
	       CLASS_BASE(f->class) == CLASS_ACCELERATOR;
}

bool function_is_bridge(const struct function *f)
{
	return CLASS_BASE(f->class) == CLASS_BRIDGE;
}

static int add_function(const struct host *h, struct inventory *inv, const struct bdf *b)
{
	struct function *more;
	int r;

	if (inventory_find(inv, b))
		return 0;
	if (inv->n == INVENTORY_MAX)
		return -E2BIG;
	more = reallocarray(inv->function, inv->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	inv->function = more;
	r = read_function(h, b, &inv->function[inv->n]);
	if (r == 0)
		inv->n++;
	return r == -ENOENT ? 0 : r; /* not there, or gone meanwhile */
}

static int add_slot(const struct host *h, struct inventory *inv, const struct bdf *b)
{
	struct bdf sibling = *b;
	int r;

	if (inventory_find(inv, b))
		return 0; /* its slot has been looked at */
	r = add_function(h, inv, b);
	if (r < 0 || !inventory_find(inv, b))
		return r;
	for (uint8_t i = 0; i < 8 && r == 0; i++) {
		sibling.function = i;
		r = add_function(h, inv, &sibling);
	}
	return r;
}

struct group_walk {
	const struct host *h;
	struct inventory *inv;
};

static int add_member(const char *name, void *data)
{
	struct group_walk *w = data;
	struct bdf b;

	return bdf_parse(name, &b) < 0 ? 0 : add_function(w->h, w->inv, &b);
}

static int add_group(const struct host *h, struct inventory *inv, int group)
{
	struct group_walk w = { .h = h, .inv = inv };
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/kernel/iommu_groups/%d/devices",
			    group);

	return r < 0 ? r : file_each(h->root, path, add_member, &w);
}

static bool group_seen(const struct inventory *inv, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (inv->function[i].group == inv->function[at].group)
			return true;
	return inv->function[at].group < 0;
}

static int read_host(const struct host *h, struct inventory *inv)
{
	char release[64];

	if (file_read(h->root, "proc/sys/kernel/osrelease", release, sizeof(release)) > 0)
		inv->kernel = (unsigned int)strtoul(release, NULL, 10);
	return consoles_find(h, inv->console, &inv->n_consoles);
}

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct function *)a)->name,
		      ((const struct function *)b)->name);
}

int inventory_read(const struct host *h, const struct bdf *bdfs, size_t n,
		   struct inventory *inv)
{
	struct inventory new = { 0 };
	size_t slots;
	int r = read_host(h, &new);

	for (size_t i = 0; i < n && r == 0; i++)
		r = add_slot(h, &new, &bdfs[i]);
	slots = new.n;
	for (size_t i = 0; i < slots && r == 0; i++)
		if (!group_seen(&new, i))
			r = add_group(h, &new, new.function[i].group);
	if (r < 0) {
		inventory_free(&new);
		return r;
	}
	if (new.n)
		qsort(new.function, new.n, sizeof(*new.function), by_address);
	*inv = new;
	return 0;
}

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
	CLEANUP(close_fd) int dir = open_function(h, f->name);
	struct alias_device dev = { .vendor = f->id.vendor,
				    .device = f->id.device,
				    .class = f->class };
	uint32_t v;

	if (read_hex(dir, "subsystem_vendor", UINT16_MAX, &v) == 0)
		dev.subvendor = (uint16_t)v;
	if (read_hex(dir, "subsystem_device", UINT16_MAX, &v) == 0)
		dev.subdevice = (uint16_t)v;
	alias_best_vfio(aliases, &dev, f->vfio_module);
	return driver_of_module(h, f->vfio_module, f->vfio_driver);
}

/* what a closer look needs for each function, in one block */
struct closer {
	struct nodes *nodes;
	struct holders *holders;
};

static void free_closer(struct closer *c)
{
	free(c->nodes);
	free(c->holders);
}

static int find_users(const struct host *h, struct function *const *f, size_t n)
{
	CLEANUP(free_closer)
	struct closer c = {
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

void inventory_free(struct inventory *inv)
{
	free(inv->function);
	*inv = (struct inventory){ 0 };
}
