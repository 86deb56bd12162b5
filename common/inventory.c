// SPDX-License-Identifier: GPL-2.0-or-later
/* inventory.c - a read-only snapshot of PCI functions, of their slots and groups */

#include "inventory-parts.h"

#include "consoles.h"
#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int inventory_open(const struct host *h, const char *bdf)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/bus/pci/devices/%s", bdf), fd;

	if (r < 0)
		return r;
	fd = openat(h->root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int inventory_hex(int dir, const char *attr, uint32_t max, uint32_t *ret)
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
	int r = inventory_hex(dir, "vendor", UINT16_MAX, &vendor);

	if (r == 0)
		r = inventory_hex(dir, "device", UINT16_MAX, &device);
	if (r == 0)
		r = inventory_hex(dir, "class", 0xffffff, &f->class);
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
	dir = inventory_open(h, f->name);
	r = dir < 0 ? dir : read_identity(dir, f);
	if (r == 0)
		r = read_binding(dir, f);
	if (r < 0)
		return r;
	/* only display functions have it */
	if (CLASS_BASE(f->class) == CLASS_DISPLAY)
		(void)!inventory_hex(dir, "boot_vga", 1, &boot_vga);
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

void inventory_free(struct inventory *inv)
{
	free(inv->function);
	*inv = (struct inventory){ 0 };
}
