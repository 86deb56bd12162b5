// SPDX-License-Identifier: GPL-2.0-or-later
/* uses.c - what of the host needs a function: a mount, swap, the default route */

#include "uses.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* a host with 10,000 container mounts has 2 MB of mountinfo */
#define TABLE_MAX   (8u << 20)
#define UPPER_DEPTH 4 /* port, bond, VLAN, bridge */

static int read_table(const struct host *h, const char *path, char **ret)
{
	CLEANUP(close_fd) int fd = openat(h->root, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = file_read_all(fd, TABLE_MAX, ret);
	return n < 0 ? (int)n : 0;
}

struct mapper {
	const struct host *h;
	const char *name;
	char *ret;
	size_t size;
};

static int match_mapper(const char *dm, void *data)
{
	struct mapper *m = data;
	char path[PATH_LEN], name[NAME_LEN];

	if (text_format(path, sizeof(path), "sys/class/block/%s/dm/name", dm) < 0 ||
	    file_read(m->h->root, path, name, sizeof(name)) < 0 ||
	    strcmp(name, m->name) != 0)
		return 0;
	return text_copy(m->ret, m->size, dm) == 0;
}

/* "/dev/nvme0n1p2" or "/dev/mapper/vg-home" to the name that sysfs has */
static void kernel_name(const struct host *h, const char *source, char *ret, size_t size)
{
	const char *base = strrchr(source, '/');
	struct mapper m = {
		.h = h, .name = base ? base + 1 : source, .ret = ret, .size = size
	};

	if (strncmp(source, "/dev/mapper/", 12) == 0 &&
	    file_each(h->root, "sys/class/block", match_mapper, &m) > 0)
		return;
	if (text_copy(ret, size, m.name) < 0)
		ret[0] = '\0';
}

static bool is_ours(const struct host *h, const struct nodes *nodes, const char *source)
{
	char name[NAME_LEN], path[PATH_LEN], text[32];
	unsigned int major, minor;

	if (strncmp(source, "/dev/", 5) != 0)
		return false;
	kernel_name(h, source, name, sizeof(name));
	if (text_format(path, sizeof(path), "sys/class/block/%s/dev", name) < 0 ||
	    file_read(h->root, path, text, sizeof(text)) < 0 ||
	    sscanf(text, "%u:%u", &major, &minor) != 2)
		return false;
	return nodes_have(nodes, makedev(major, minor), true);
}

/*
 * 36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda1 rw
 *
 * The device number is that of the disk for most file systems; btrfs has one of its own,
 * and only its source tells.
 */
static bool mount_line(const struct host *h, const struct nodes *nodes, const char *line,
		       char *where)
{
	char source[256] = "";
	unsigned int major, minor;
	const char *dash;

	if (sscanf(line, "%*u %*u %u:%u %*s %100s", &major, &minor, where) != 3)
		return false;
	if (nodes_have(nodes, makedev(major, minor), true))
		return true;
	dash = strstr(line, " - ");
	return dash && sscanf(dash, " - %*s %255s", source) == 1 &&
	       is_ours(h, nodes, source);
}

static int find_mount(const struct host *h, const struct nodes *nodes, char *ret,
		      size_t size)
{
	CLEANUP(free_ptr) char *table = NULL;
	char *cursor, *line, where[101];
	int r = read_table(h, "proc/self/mountinfo", &table);

	if (r < 0)
		return r;
	cursor = table;
	while ((line = strsep(&cursor, "\n")))
		if (mount_line(h, nodes, line, where))
			return text_format(ret, size, "the mounted file system %s",
					   where);
	return 0;
}

static int find_swap(const struct host *h, const struct nodes *nodes, char *ret,
		     size_t size)
{
	CLEANUP(free_ptr) char *table = NULL;
	char *cursor, *line, source[101];
	int r = read_table(h, "proc/swaps", &table);

	if (r < 0)
		return r == -ENOENT ? 0 : r; /* a kernel without swap */
	cursor = table;
	while ((line = strsep(&cursor, "\n")))
		if (sscanf(line, "%100s", source) == 1 && is_ours(h, nodes, source))
			return text_format(ret, size, "swap on %s", source);
	return 0;
}

struct upper {
	const struct host *h;
	const char *want;
	int depth;
};

static bool carries(const struct host *h, const char *iface, const char *want, int depth);

static int check_upper(const char *name, void *data)
{
	struct upper *u = data;

	return strncmp(name, "upper_", 6) == 0 &&
	       carries(u->h, name + 6, u->want, u->depth + 1);
}

/*
 * whether an interface is the wanted one, or a port of it, by bonds, VLANs and bridges
 */
static bool carries(const struct host *h, const char *iface, const char *want, int depth)
{
	struct upper u = { .h = h, .want = want, .depth = depth };
	char path[PATH_LEN];

	if (strcmp(iface, want) == 0)
		return true;
	if (depth == UPPER_DEPTH ||
	    text_format(path, sizeof(path), "sys/class/net/%s", iface) < 0)
		return false;
	return file_each(h->root, path, check_upper, &u) > 0;
}

static bool default_route(const char *line, bool ipv6, char *iface)
{
	char prefix[64];
	unsigned int len, destination, mask;

	if (!ipv6)
		return sscanf(line, "%15s %x %*x %*x %*d %*d %*d %x", iface, &destination,
			      &mask) == 3 &&
		       destination == 0 && mask == 0;
	return sscanf(line, "%63s %x %*s %*x %*s %*x %*x %*x %*x %15s", prefix, &len,
		      iface) == 3 &&
	       len == 0 && strspn(prefix, "0") == strlen(prefix) &&
	       strcmp(iface, "lo") != 0;
}

static int find_route(const struct host *h, const struct nodes *nodes, const char *path,
		      char *ret, size_t size)
{
	CLEANUP(free_ptr) char *table = NULL;
	char *cursor, *line, iface[16];
	int r = read_table(h, path, &table);

	if (r < 0)
		return r == -ENOENT ? 0 : r; /* a kernel without IPv6 */
	cursor = table;
	while ((line = strsep(&cursor, "\n"))) {
		if (!default_route(line, strstr(path, "ipv6"), iface))
			continue;
		for (size_t i = 0; i < nodes->n_ifaces; i++)
			if (carries(h, nodes->iface[i], iface, 0))
				return text_format(ret, size, "the default route by %s",
						   nodes->iface[i]);
	}
	return 0;
}

int uses_describe(const struct host *h, const struct nodes *nodes, char *ret, size_t size)
{
	bool block = false;
	int r = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < nodes->n; i++)
		block |= nodes->node[i].block;
	if (block)
		r = find_mount(h, nodes, ret, size);
	if (r == 0 && block && !ret[0])
		r = find_swap(h, nodes, ret, size);
	if (r == 0 && nodes->n_ifaces && !ret[0])
		r = find_route(h, nodes, "proc/net/route", ret, size);
	if (r == 0 && nodes->n_ifaces && !ret[0])
		r = find_route(h, nodes, "proc/net/ipv6_route", ret, size);
	return r;
}
