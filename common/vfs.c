// SPDX-License-Identifier: GPL-2.0-or-later
/* vfs.c - the virtual functions of a card: which there are, and whether one is in use */

#include "vfs.h"

#include "file.h"
#include "holders.h"
#include "nodes.h"
#include "text.h"
#include "uses.h"
#include "vendor.h"
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES "sys/bus/pci/devices/"
#define LINK    "virtfn"

struct reading {
	int root;
	const char *card;
	struct vfs v;
};

static int add_link(const char *name, void *data)
{
	struct reading *w = data;
	char path[PATH_LEN];
	uint64_t index;
	void *more;
	int r;

	if (strncmp(name, LINK, strlen(LINK)) != 0 ||
	    text_number(name + strlen(LINK), UINT16_MAX, &index) < 0)
		return 0;
	more = realloc(w->v.bdf, (w->v.n + 1) * sizeof(*w->v.bdf));
	if (!more)
		return -ENOMEM;
	w->v.bdf = more;
	r = text_format(path, sizeof(path), DEVICES "%s/%s", w->card, name);
	if (r == 0)
		r = file_link_name(w->root, path, w->v.bdf[w->v.n], BDF_LEN);
	if (r == 0)
		w->v.n++;
	return r == -ENOENT ? 0 : r; /* gone meanwhile */
}

int vfs_read(const struct host *h, const char *card, struct vfs *ret)
{
	struct reading w = { .root = h->root, .card = card };
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "%s", card);

	if (r == 0)
		r = file_each(h->root, path, add_link, &w);
	if (r < 0) {
		vfs_free(&w.v);
		return r == -ENOENT ? -ENODEV : r;
	}
	*ret = w.v;
	return 0;
}

void vfs_free(struct vfs *v)
{
	free(v->bdf);
	*v = (struct vfs){ 0 };
}

unsigned int vfs_total(const struct host *h, const char *card)
{
	char path[PATH_LEN], text[16];
	uint64_t n;

	if (text_format(path, sizeof(path), DEVICES "%s/sriov_totalvfs", card) < 0 ||
	    file_read(h->root, path, text, sizeof(text)) < 0 ||
	    text_number(text, UINT16_MAX, &n) < 0)
		return 0;
	return (unsigned int)n;
}

int vfs_driver(const struct host *h, const char *bdf, char ret[static VFS_DRIVER_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "%s", bdf);

	if (r < 0)
		return r;
	if (!file_exists(h->root, path))
		return -ENODEV;
	r = text_format(path, sizeof(path), DEVICES "%s/driver", bdf);
	if (r == 0)
		r = file_link_name(h->root, path, ret, VFS_DRIVER_LEN);
	return r == -ENOENT ? text_copy(ret, VFS_DRIVER_LEN, "") : r;
}

bool vfs_is_lost(const char *driver)
{
	return !driver[0] || strcmp(driver, VFS_STUB) == 0;
}

int vfs_find_driver(struct host *h, const char *bdf, char ret[static VFS_DRIVER_LEN])
{
	int r = vfs_driver(h, bdf, ret);

	if (r < 0 || !vfs_is_lost(ret))
		return r;
	if (ret[0])
		r = worker_write(h, "sys/bus/pci/drivers/" VFS_STUB "/unbind", bdf);
	if (r == 0)
		r = worker_write(h, "sys/bus/pci/drivers_probe", bdf);
	return r < 0 ? r : vfs_driver(h, bdf, ret);
}

/* a mediated device stands below the device that it is made on */
static int is_mdev(const char *name, void *data)
{
	(void)data;
	return text_is_uuid(name);
}

int vfs_has_mdev(const struct host *h, const char *bdf)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "%s", bdf);

	if (r == 0)
		r = file_each(h->root, path, is_mdev, NULL);
	return r == -ENOENT ? 0 : r;
}

/* 1, 0, or -errno */
static int has_vgpu(struct host *h, const char *vf)
{
	char type[VENDOR_ID_LEN];
	int r = vfs_has_mdev(h, vf);

	if (r != 0)
		return r;
	r = vendor_current(h, vf, type);
	if (r == 0)
		return type[0] != '\0';
	return r == -ENOENT ? 0 : r;
}

/* 1, 0, or -errno; one that has gone meanwhile has no nodes */
static int is_needed(const struct host *h, const char *vf, struct nodes *nodes)
{
	char use[128] = "";
	int r = nodes_collect(h, vf, nodes);

	if (r == 0)
		r = uses_describe(h, nodes, use, sizeof(use));
	return r < 0 && r != -ENOENT ? r : use[0] != '\0';
}

static int look_at(struct host *h, const struct vfs *v, struct nodes *nodes,
		   struct holders *q)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->n; i++) {
		q[i].nodes = &nodes[i];
		r = has_vgpu(h, v->bdf[i]);
		if (r == 0)
			r = is_needed(h, v->bdf[i], &nodes[i]);
	}
	if (r == 0)
		r = holders_find(h, q, v->n);
	for (size_t i = 0; r == 0 && i < v->n; i++)
		r = q[i].n > 0;
	return r;
}

int vfs_in_use(struct host *h, const struct vfs *v)
{
	CLEANUP(free_ptr) struct nodes *nodes = calloc(v->n + 1, sizeof(*nodes));
	CLEANUP(free_ptr) struct holders *q = calloc(v->n + 1, sizeof(*q));
	int r = nodes && q ? look_at(h, v, nodes, q) : -ENOMEM;

	for (size_t i = 0; nodes && i < v->n; i++)
		nodes_free(&nodes[i]);
	return r;
}
