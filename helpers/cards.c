// SPDX-License-Identifier: GPL-2.0-or-later
/* cards.c - the PCI functions of a host, as far as a person asks for them */

#include "cards.h"

#include "file.h"
#include "inventory.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES "sys/bus/pci/devices"

static bool read_hex(int dir, const char *attribute, uint32_t max, uint32_t *ret)
{
	char text[32];
	uint64_t number;

	if (file_read(dir, attribute, text, sizeof(text)) <= 0 ||
	    text_hex(text, max, &number) < 0)
		return false;
	*ret = (uint32_t)number;
	return true;
}

static int read_identity(int dir, struct card *c)
{
	uint32_t vendor, device;

	if (!read_hex(dir, "vendor", UINT16_MAX, &vendor) ||
	    !read_hex(dir, "device", UINT16_MAX, &device) ||
	    !read_hex(dir, "class", 0xffffff, &c->class))
		return -ENODEV;
	c->id = (struct id_pair){ (uint16_t)vendor, (uint16_t)device };
	return 0;
}

/* "" and -1 where there is none */
static void read_place(int dir, struct card *c)
{
	char group[16], node[16];
	uint64_t number;

	if (file_link_name(dir, "driver", c->driver, sizeof(c->driver)) < 0)
		c->driver[0] = '\0';
	if (file_link_name(dir, "iommu_group", group, sizeof(group)) == 0 &&
	    text_number(group, INT32_MAX, &number) == 0)
		c->group = (int)number;
	if (file_read(dir, "numa_node", node, sizeof(node)) > 0 &&
	    text_number(node, INT32_MAX, &number) == 0)
		c->node = (int)number;
	c->vf = file_link_name(dir, "physfn", c->pf, sizeof(c->pf)) == 0;
}

int card_read(const struct host *h, const char *name, struct card *ret)
{
	struct card c = { .group = -1, .node = -1 };
	CLEANUP(close_fd) int dir = -1;
	uint32_t boot_vga = 0;
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "/%s", name);

	if (r == 0 && bdf_parse(name, &c.bdf) < 0)
		return -ENODEV;
	bdf_format(&c.bdf, c.name);
	dir = r < 0 ? r : openat(h->root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return r < 0 ? r : errno == ENOENT ? -ENODEV : -errno;
	r = read_identity(dir, &c);
	if (r < 0)
		return r;
	read_place(dir, &c);
	if (CLASS_BASE(c.class) == CLASS_DISPLAY)
		(void)read_hex(dir, "boot_vga", 1, &boot_vga);
	c.boot_vga = boot_vga == 1;
	*ret = c;
	return 0;
}

/**
 * struct reading - One run of cards_read()
 */
struct reading {
	const struct host *h;
	struct cards *all;
	size_t room;
};

static int add(const char *name, void *data)
{
	struct reading *x = data;
	struct cards *all = x->all;
	int r;

	if (all->n == x->room) {
		size_t room = x->room ? 2 * x->room : 64;
		struct card *more = reallocarray(all->card, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		all->card = more;
		x->room = room;
	}
	r = card_read(x->h, name, &all->card[all->n]);
	if (r == 0)
		all->n++;
	/* one that has gone meanwhile */
	return r == -ENOMEM ? r : 0;
}

static int by_address(const void *a, const void *b)
{
	const struct bdf *x = &((const struct card *)a)->bdf;
	const struct bdf *y = &((const struct card *)b)->bdf;
	const uint64_t p = (uint64_t)x->domain << 16 | (uint64_t)x->bus << 8 |
			   (uint64_t)x->slot << 3 | x->function;
	const uint64_t q = (uint64_t)y->domain << 16 | (uint64_t)y->bus << 8 |
			   (uint64_t)y->slot << 3 | y->function;

	return (p > q) - (p < q);
}

int cards_read(const struct host *h, struct cards *ret)
{
	struct cards all = { 0 };
	struct reading x = { .h = h, .all = &all };
	int r = file_each(h->root, DEVICES, add, &x);

	if (r < 0 && r != -ENOENT) {
		cards_free(&all);
		return r;
	}
	if (all.n)
		qsort(all.card, all.n, sizeof(*all.card), by_address);
	*ret = all;
	return 0;
}

const struct card *cards_find(const struct cards *s, const struct bdf *b)
{
	struct card key = { .bdf = *b };

	return s->n ? bsearch(&key, s->card, s->n, sizeof(*s->card), by_address) : NULL;
}

bool card_is_gpu(const struct card *c)
{
	return CLASS_BASE(c->class) == CLASS_DISPLAY ||
	       CLASS_BASE(c->class) == CLASS_ACCELERATOR;
}

bool card_is_bridge(const struct card *c)
{
	return CLASS_BASE(c->class) == CLASS_BRIDGE;
}

bool card_attribute(const struct host *h, const char *name, const char *attribute,
		    char *ret, size_t size)
{
	char path[PATH_LEN];

	ret[0] = '\0';
	if (text_format(path, sizeof(path), DEVICES "/%s/%s", name, attribute) < 0 ||
	    file_read(h->root, path, ret, size) <= 0)
		ret[0] = '\0';
	return ret[0] != '\0';
}

void cards_free(struct cards *s)
{
	free(s->card);
	*s = (struct cards){ 0 };
}
