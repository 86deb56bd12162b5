// SPDX-License-Identifier: GPL-2.0-or-later
/* vgpu-read.c - look at one card: what it is, its virtual functions, what each offers */

#include "vgpu-read.h"

#include "file.h"
#include "inventory.h"
#include "vgpu-type.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * A card is looked at from its own folder, and each virtual function by its link virtfnN;
 * sriov_numvfs is not read, because that takes the device lock, which a driver that hangs
 * holds. What a type is called is the same for all virtual functions of a card and for all
 * cards of a model, and is read once; how many of a type can be made is read for each
 * parent, and for those types only that somebody asked about. It is the driver who answers,
 * and one that has died with its lock held never does: so the worker asks, and who does not
 * answer in time is not asked again.
 */

#define PCI_DEVICES   "sys/bus/pci/devices"
#define MDEV_BUS      "sys/class/mdev_bus"
#define MDEV_DEVICES  "sys/bus/mdev/devices"
#define TYPES         "mdev_supported_types"
#define CREATABLE_LEN 4096 /* sysfs gives at most a page */
#define SILENT_MS     3000 /* for the next driver, when one has not answered */

static void free_names(struct vgpu_names *n)
{
	vgpu_names_free(n);
}

static int read_number(int dir, const char *attr, uint64_t *ret)
{
	char text[32];
	ssize_t n = file_read(dir, attr, text, sizeof(text));

	return n < 0 ? (int)n : text_number(text, UINT32_MAX, ret);
}

static int read_hex(int dir, const char *attr, uint64_t *ret)
{
	char text[16];
	ssize_t n = file_read(dir, attr, text, sizeof(text));

	return n < 0 ? (int)n : text_hex(text, UINT32_MAX, ret);
}

/* What only the driver knows: 0 or -errno; -ETIME it does not answer. */
static int ask(const struct vgpu_reader *r, const char *folder, const char *name,
	       const char *attr, char *ret, size_t size)
{
	char path[PATH_LEN];
	int e = text_format(path, sizeof(path), "%s/%s/%s", folder, name, attr);

	return e ?: worker_read(r->h, path, ret, size);
}

/* The driver has not been asked, or has not answered; else it has no such file, or it is odd. */
static bool is_unasked(int e)
{
	return e == -ETIME || e == -EAGAIN || e == -ENOMEM;
}

static bool is_asked(const struct vgpu_reader *r, const struct vgpu_type *t)
{
	for (size_t i = 0; i < r->n_asked; i++)
		if (vgpu_type_fits(t, r->asked[i]))
			return true;
	return !r->asked;
}

static int add_offer(struct vgpu_parent *p, size_t type, unsigned int n)
{
	struct vgpu_offer *more = reallocarray(p->offer, p->n_offers + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	p->offer = more;
	more[p->n_offers++] = (struct vgpu_offer){ .type = type, .n = n };
	return 0;
}

/*
 * 32 functions have 40 types each: of what nobody asked about nothing is opened twice.
 * @type: where the card is expected to have it
 */
static int read_mdev_type(struct vgpu_reader *r, struct vgpu_parent *p,
			  const struct vgpu_source *from, const char *id, size_t type)
{
	struct vgpu_card *c = &r->v.card[p->card];
	char text[32];
	uint64_t n = 0;
	int e = vgpu_type_add_id(&r->v, c, from, id, &type);

	if (e == -ENAMETOOLONG || (e == 0 && !is_asked(r, &c->type[type])))
		return 0;
	if (e == 0)
		e = ask(r, from->types, id, "available_instances", text, sizeof(text));
	if (is_unasked(e))
		return e;
	if (e < 0 || text_number(text, UINT32_MAX, &n))
		n = 0;
	return add_offer(p, type, (unsigned int)n);
}

static int read_mdev_types(struct vgpu_reader *r, struct vgpu_parent *p,
			   const char *device)
{
	CLEANUP(free_names) struct vgpu_names names = { 0 };
	char types[PATH_LEN];
	const struct vgpu_source from = { r->h, types };
	int e = text_format(types, sizeof(types), "%s/" TYPES, device)
			?: vgpu_names(r->h->root, types, "", true, &names);

	for (size_t i = 0; i < names.n && !e; i++)
		e = read_mdev_type(r, p, &from, names.list[i], i);
	return e;
}

/*
 * "558 : NVIDIA A40-24Q". The driver may print a line of headings, and what is below it
 * is what can be made now: on a full card nothing at all.
 */
static int read_creatable(struct vgpu_reader *r, struct vgpu_parent *p, char *line)
{
	char *colon = strchr(line, ':'), *name;
	struct vgpu_card *c = &r->v.card[p->card];
	struct vgpu_type t = { .max = 0 };
	uint64_t number;
	size_t type = 0;
	int e;

	if (!colon)
		return 0;
	name = colon + 1 + strspn(colon + 1, " \t");
	name[strcspn(name, "\r")] = '\0';
	line += strspn(line, " \t");
	line[strcspn(line, " \t:")] = '\0';
	if (text_number(line, UINT32_MAX, &number) ||
	    text_copy(t.id, sizeof(t.id), line) ||
	    text_copy(t.name, sizeof(t.name), name))
		return 0;
	text_clean(t.name);
	t.size_mib = vgpu_type_size(t.name);
	e = vgpu_type_add(c, &t, &type);
	return e || !is_asked(r, &c->type[type]) ? e : add_offer(p, type, 1);
}

static int read_vendor(struct vgpu_reader *r, struct vgpu_parent *p, const char *device)
{
	char text[CREATABLE_LEN], *line, *next = text;
	struct vgpu_type t = { .max = 0 };
	size_t type = 0;
	int e = ask(r, device, "nvidia", "creatable_vgpu_types", text, sizeof(text));

	if (is_unasked(e))
		return e;
	if (e < 0)
		text[0] = '\0';
	e = 0;
	while (!e && (line = strsep(&next, "\n")))
		e = read_creatable(r, p, line);
	if (e)
		return e;
	e = ask(r, device, "nvidia", "current_vgpu_type", t.id, sizeof(t.id));
	if (e < 0 || !t.id[0] || strcmp(t.id, "0") == 0)
		return is_unasked(e) ? e : 0;
	text_clean(t.id);
	e = text_copy(p->current, sizeof(p->current), t.id);
	return e ?: vgpu_type_add_id(&r->v, &r->v.card[p->card], NULL, p->current, &type);
}

static enum vgpu_framework framework(const struct vgpu_card *c, int dir, int index)
{
	if (file_exists(dir, "nvidia/current_vgpu_type"))
		return VGPU_VENDOR;
	if (file_exists(dir, TYPES))
		return VGPU_MDEV;
	/* without its types NVIDIA's virtual function is of no use to a VM */
	return index < 0 || vgpu_is_nvidia(c) ? VGPU_NONE : VGPU_VF;
}

static void read_driver(int dir, char ret[static VGPU_DRIVER_LEN])
{
	if (file_link_name(dir, "driver", ret, VGPU_DRIVER_LEN) < 0)
		ret[0] = '\0';
}

static int read_types(struct vgpu_reader *r, struct vgpu_parent *p)
{
	struct vgpu_card *c = &r->v.card[p->card];
	bool on_bus = p->index >= 0 || c->pci;
	char device[PATH_LEN];
	int e = text_format(device, sizeof(device), "%s/%s",
			    on_bus ? PCI_DEVICES : MDEV_BUS, p->name);

	if (e == 0 && p->framework == VGPU_MDEV)
		e = read_mdev_types(r, p, device);
	else if (e == 0 && p->framework == VGPU_VENDOR)
		e = read_vendor(r, p, device);
	if (e != -ETIME)
		return e;
	c->silent = true;
	host_note_silent(r->h, c->name);
	if (r->h->deadline_ms > SILENT_MS)
		r->h->deadline_ms = SILENT_MS;
	return 0;
}

/* The card itself is a parent only where it has types. */
static int add_parent(struct vgpu_reader *r, const char *name, int index, int dir)
{
	struct vgpu_parent p = { .card = r->v.n_cards - 1, .index = index };
	struct vgpu_parent *more;
	int e = text_copy(p.name, sizeof(p.name), name);

	p.framework = framework(&r->v.card[p.card], dir, index);
	if (e || (index < 0 && p.framework == VGPU_NONE))
		return e;
	more = reallocarray(r->v.parent, r->v.n_parents + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	r->v.parent = more;
	more += r->v.n_parents++;
	*more = p;
	read_driver(dir, more->driver);
	return r->no_types || r->v.card[p.card].silent ? 0 : read_types(r, more);
}

static int open_device(const struct vgpu_reader *r, const char *folder, const char *name)
{
	char path[PATH_LEN];
	int e = text_format(path, sizeof(path), "%s/%s", folder, name), fd;

	if (e)
		return e;
	fd = openat(r->h->root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_function(struct vgpu_reader *r, int card, const char *link)
{
	CLEANUP(close_fd) int dir = -1;
	char name[VGPU_DEVICE_LEN];
	uint64_t index;

	if (text_number(link + strlen("virtfn"), UINT16_MAX, &index) ||
	    file_link_name(card, link, name, sizeof(name)) < 0)
		return 0;
	dir = open_device(r, PCI_DEVICES, name);
	return dir < 0 ? 0 : add_parent(r, name, (int)index, dir);
}

static int read_functions(struct vgpu_reader *r, int dir)
{
	CLEANUP(free_names) struct vgpu_names names = { 0 };
	int e = vgpu_names(dir, ".", "virtfn", true, &names);

	r->v.card[r->v.n_cards - 1].n_vfs = (unsigned int)names.n;
	for (size_t i = 0; i < names.n && !e; i++)
		e = read_function(r, dir, names.list[i]);
	return e;
}

/* Whether a PCI function is a card; fills @c as far as that needs it */
static bool is_card(int dir, struct vgpu_card *c)
{
	uint64_t class, vendor, device, total = 0;

	if (file_exists(dir, "physfn") || read_hex(dir, "class", &class) ||
	    read_hex(dir, "vendor", &vendor) || read_hex(dir, "device", &device))
		return false;
	c->id = (struct id_pair){ (uint16_t)vendor, (uint16_t)device };
	if (read_number(dir, "sriov_totalvfs", &total) == 0)
		c->total_vfs = (unsigned int)total;
	return total || CLASS_BASE(class) == CLASS_DISPLAY ||
	       CLASS_BASE(class) == CLASS_ACCELERATOR || file_exists(dir, TYPES);
}

int vgpu_read_card(struct vgpu_reader *r, const char *name)
{
	CLEANUP(close_fd) int dir = -1;
	struct vgpu_card c = { .n_types = 0 }, *more;
	int e = text_copy(c.name, sizeof(c.name), name);

	c.pci = bdf_parse(name, &c.bdf) == 0;
	dir = open_device(r, c.pci ? PCI_DEVICES : MDEV_BUS, name);
	if (e || dir < 0 || (c.pci && !is_card(dir, &c)))
		return 0;
	read_driver(dir, c.driver);
	more = reallocarray(r->v.card, r->v.n_cards + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	r->v.card = more;
	c.silent = host_is_silent(r->h, name);
	more[r->v.n_cards++] = c;
	e = add_parent(r, name, -1, dir);
	return e ?: read_functions(r, dir);
}

static int mdev_parent(const struct vgpu_reader *r, const char *path, size_t *ret)
{
	char target[PATH_LEN], *end;
	const char *name;
	ssize_t len = readlinkat(r->h->root, path, target, sizeof(target) - 1);

	if (len <= 0)
		return -ENOENT;
	target[len] = '\0';
	end = strrchr(target, '/');
	if (!end)
		return -ENOENT;
	*end = '\0';
	name = strrchr(target, '/');
	for (*ret = 0; name && *ret < r->v.n_parents; (*ret)++)
		if (strcmp(r->v.parent[*ret].name, name + 1) == 0)
			return 0;
	return -ENOENT;
}

int vgpu_read_mdev(struct vgpu_reader *r, const char *uuid)
{
	char path[PATH_LEN], id[VGPU_ID_LEN];
	struct vgpu_mdev m = { .type = 0 }, *more;
	int e = text_format(path, sizeof(path), MDEV_DEVICES "/%s", uuid)
			?: text_copy(m.uuid, sizeof(m.uuid), uuid)
			?: mdev_parent(r, path, &m.parent)
			?: text_format(path, sizeof(path), MDEV_DEVICES "/%s/mdev_type",
				       uuid)
			?: file_link_name(r->h->root, path, id, sizeof(id));

	if (e < 0)
		return 0; /* gone meanwhile, or on a device that is no card */
	e = vgpu_type_add_id(&r->v, &r->v.card[r->v.parent[m.parent].card], NULL, id,
			     &m.type);
	if (e)
		return e;
	more = reallocarray(r->v.mdev, r->v.n_mdevs + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	r->v.mdev = more;
	more[r->v.n_mdevs++] = m;
	return 0;
}
