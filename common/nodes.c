// SPDX-License-Identifier: GPL-2.0-or-later
/* nodes.c - the device nodes, block devices and interfaces of a PCI function */

#include "nodes.h"

#include "bdf.h"
#include "file.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DEPTH_MAX    12 /* NVMe: nvme/nvme0/nvme0n1/nvme0n1p1/holders is 5 */
#define NVIDIA_MAJOR 195 /* Linux Documentation/admin-guide/devices.txt */

struct walk {
	int root;
	struct nodes *nodes;
};

bool nodes_have(const struct nodes *s, dev_t dev, bool block)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->node[i].dev == dev && s->node[i].block == block)
			return true;
	return false;
}

static int add(struct nodes *s, dev_t dev, bool block)
{
	struct node *more;

	if (nodes_have(s, dev, block))
		return 0;
	if (s->n == NODES_MAX)
		return -E2BIG;
	more = reallocarray(s->node, s->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->node = more;
	s->node[s->n++] = (struct node){ .dev = dev, .block = block };
	return 0;
}

static int add_file(struct nodes *s, int dir, const char *path, bool block)
{
	char text[32];
	unsigned int major, minor;

	if (file_read(dir, path, text, sizeof(text)) < 0)
		return 0; /* gone meanwhile */
	if (sscanf(text, "%u:%u", &major, &minor) != 2)
		return 0;
	return add(s, makedev(major, minor), block);
}

static int add_iface(const char *name, void *data)
{
	char one[NODES_IF_LEN], (*more)[NODES_IF_LEN];
	struct nodes *s = data;

	if (text_copy(one, sizeof(one), name) < 0)
		return 0;
	if (s->n_ifaces == NODES_IF_MAX)
		return -E2BIG;
	more = reallocarray(s->iface, s->n_ifaces + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->iface = more;
	strcpy(s->iface[s->n_ifaces++], one);
	return 0;
}

static int add_block_holders(struct walk *w, const char *name, int depth);

struct holders_walk {
	struct walk *w;
	int depth;
};

static int add_block_holder(const char *name, void *data)
{
	struct holders_walk *hw = data;
	char path[PATH_LEN];
	int r;

	if (text_format(path, sizeof(path), "sys/class/block/%s/dev", name) < 0)
		return 0;
	r = add_file(hw->w->nodes, hw->w->root, path, true);
	return r < 0 ? r : add_block_holders(hw->w, name, hw->depth + 1);
}

/*
 * device-mapper and md devices on top of a block device: what is mounted is often one of
 * those
 */
static int add_block_holders(struct walk *w, const char *name, int depth)
{
	struct holders_walk hw = { .w = w, .depth = depth };
	char path[PATH_LEN];
	int r;

	if (depth > DEPTH_MAX ||
	    text_format(path, sizeof(path), "sys/class/block/%s/holders", name) < 0)
		return 0;
	r = file_each(w->root, path, add_block_holder, &hw);
	return r == -ENOENT ? 0 : r;
}

/*
 * folders that a function's driver does not fill with devices, but that cost a look each
 */
static bool is_dull(const char *name)
{
	static const char *const dull[] = {
		"power", "msi_irqs", "holders", "slaves",        "statistics", "queues",
		"queue", "mq",       "link",    "firmware_node", "trace",
	};

	for (size_t i = 0; i < ARRAY_LEN(dull); i++)
		if (strcmp(name, dull[i]) == 0)
			return true;
	return false;
}

static bool is_function(const char *name)
{
	struct bdf b;

	return bdf_parse(name, &b) == 0;
}

static int walk(struct walk *w, int dir, const char *name, int depth);

static int walk_entry(struct walk *w, int dir, const struct dirent *e, int depth)
{
	int r;

	if (e->d_name[0] == '.' || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
		return 0;
	if (is_dull(e->d_name) || is_function(e->d_name))
		/* VFs and devices behind a bridge are functions of their own */
		return 0;
	if (strcmp(e->d_name, "net") == 0)
		return file_each(dir, "net", add_iface, w->nodes);
	r = walk(w, dir, e->d_name, depth + 1);
	return r == -ENOTDIR || r == -ENOENT ? 0 : r;
}

struct subsystem_walk {
	struct walk *w;
	const char *controller;
};

static int add_subsystem(const char *name, void *data)
{
	const struct subsystem_walk *s = data;
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/class/nvme-subsystem/%s/%s", name,
			    s->controller);

	if (r < 0 || !file_exists(s->w->root, path))
		return 0;
	*strrchr(path, '/') = '\0';
	return walk(s->w, s->w->root, path, 0);
}

/*
 * A disk with more than one controller, as most are that servers have, does not stand
 * below its controller: that has a link in a subsystem, and the disk stands there.
 * Source: Linux drivers/nvme/host/multipath.c, nvme_mpath_alloc_disk()
 */
static int add_nvme_disks(struct walk *w, const char *controller)
{
	struct subsystem_walk s = { .w = w, .controller = controller };
	int r = file_each(w->root, "sys/class/nvme-subsystem", add_subsystem, &s);

	return r == -ENOENT ? 0 : r;
}

/*
 * A folder with a "dev" file is a device; its subsystem says whether it is a block
 * device.
 */
static int walk_device(struct walk *w, int dir, const char *name)
{
	char subsystem[32];
	bool block;
	int r;

	if (file_link_name(dir, "subsystem", subsystem, sizeof(subsystem)) < 0)
		return 0;
	block = strcmp(subsystem, "block") == 0;
	if (strcmp(name, "fb0") == 0 && strcmp(subsystem, "graphics") == 0)
		w->nodes->framebuffer = true;
	r = add_file(w->nodes, dir, "dev", block);
	if (r == 0 && block)
		r = add_block_holders(w, name, 0);
	if (r == 0 && strcmp(subsystem, "nvme") == 0)
		r = add_nvme_disks(w, name);
	return r;
}

static int walk(struct walk *w, int dir, const char *name, int depth)
{
	struct dirent *e;
	int fd, r;
	DIR *d;

	if (depth > DEPTH_MAX)
		return 0;
	fd = openat(dir, name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth ? O_NOFOLLOW : 0));
	if (fd < 0)
		return errno == ELOOP ? 0 : -errno;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		close(fd);
		return r;
	}
	r = depth ? walk_device(w, fd, name) : 0;
	while (r == 0 && (e = readdir(d)))
		r = walk_entry(w, fd, e, depth);
	closedir(d);
	return r;
}

static int add_nvidia(const struct host *h, const char *bdf, struct nodes *s)
{
	char path[PATH_LEN], text[1024];
	unsigned int minor;
	const char *p;
	int r = text_format(path, sizeof(path), "proc/driver/nvidia/gpus/%s/information",
			    bdf);

	if (r < 0 || file_read(h->root, path, text, sizeof(text)) < 0)
		return r;
	p = strstr(text, "Device Minor:");
	if (!p || sscanf(p, "Device Minor: %u", &minor) != 1)
		return 0;
	return add(s, makedev(NVIDIA_MAJOR, minor), false);
}

static int add_vfio_group(const struct host *h, const char *folder, struct nodes *s)
{
	char path[PATH_LEN], group[16];
	int r = text_format(path, sizeof(path), "%s/iommu_group", folder);

	if (r < 0 || file_link_name(h->root, path, group, sizeof(group)) < 0)
		return r;
	r = text_format(path, sizeof(path), "sys/class/vfio/%s/dev", group);
	return r < 0 ? r : add_file(s, h->root, path, false);
}

struct vfio_walk {
	int root;
	const char *folder; /* DEVICE/vfio-dev */
	struct nodes *nodes;
};

/* there is a "dev" in it since Linux 6.6, when the kernel has the character devices */
static int add_vfio_device(const char *name, void *data)
{
	const struct vfio_walk *w = data;
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "%s/%s/dev", w->folder, name);

	return r < 0 ? r : add_file(w->nodes, w->root, path, false);
}

void nodes_free(struct nodes *s)
{
	free(s->node);
	free(s->iface);
	*s = (struct nodes){ .n = 0 };
}

int nodes_vfio(const struct host *h, const char *folder, struct nodes *ret)
{
	struct nodes s = { .n = 0 };
	char path[PATH_LEN];
	struct vfio_walk w = { .root = h->root, .folder = path, .nodes = &s };
	int r;

	if (!file_exists(h->root, folder))
		return -ENOENT;
	r = add_vfio_group(h, folder, &s);
	if (r == 0)
		r = text_format(path, sizeof(path), "%s/vfio-dev", folder);
	if (r == 0)
		r = file_each(h->root, path, add_vfio_device, &w);
	if (r == -ENOENT)
		r = 0;
	if (r == 0)
		*ret = s;
	else
		nodes_free(&s);
	return r;
}

int nodes_collect(const struct host *h, const char *bdf, struct nodes *ret)
{
	struct nodes s = { .n = 0 };
	struct walk w = { .root = h->root, .nodes = &s };
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/bus/pci/devices/%s", bdf);

	if (r == 0)
		r = walk(&w, h->root, path, 0);
	if (r == 0)
		r = add_nvidia(h, bdf, &s);
	if (r == 0)
		r = add_vfio_group(h, path, &s);
	if (r == 0)
		*ret = s;
	else
		nodes_free(&s);
	return r;
}
