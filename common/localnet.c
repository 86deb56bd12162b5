// SPDX-License-Identifier: GPL-2.0-or-later
/* localnet.c - route_localnet of bridges: connections from 127.0.0.1 may leave by them */

#include "localnet.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "localnet"

static bool is_off(const struct host *h, const char *path)
{
	char value[16];

	return file_read(h->root, path, value, sizeof(value)) > 0 &&
	       strcmp(value, "0") == 0;
}

static int localnet_path(const char *bridge, char ret[static PATH_LEN])
{
	return text_format(ret, PATH_LEN, "proc/sys/net/ipv4/conf/%s/route_localnet",
			   bridge);
}

static bool is_wanted(const struct forwards *lists, size_t n, const char *bridge)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < lists[i].n; k++)
			if (lists[i].list[k].local &&
			    strcmp(lists[i].list[k].bridge, bridge) == 0)
				return true;
	return false;
}

static int switch_on(const struct host *h, const char *bridge)
{
	char path[PATH_LEN], note[PATH_LEN];
	int fd, r = localnet_path(bridge, path);

	if (r < 0 || !is_off(h, path))
		return r;
	r = text_format(note, sizeof(note), FOLDER "/%s", bridge);
	if (r == 0)
		r = file_make_dirs(h->run, FOLDER);
	if (r < 0)
		return r;
	fd = openat(h->run, note, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return file_write(h->root, path, "1");
}

struct switching {
	const struct host *h;
	const struct forwards *lists;
	size_t n;
	int error;
};

static int switch_off(const char *bridge, void *data)
{
	struct switching *x = data;
	char path[PATH_LEN];
	int r;

	if (is_wanted(x->lists, x->n, bridge))
		return 0;
	r = localnet_path(bridge, path);
	/* one that is off needs no write, which a container refuses */
	if (r == 0 && !is_off(x->h, path))
		r = file_write(x->h->root, path, "0");
	if (r == -ENOENT)
		r = 0; /* with the bridge its switch has gone */
	if (r == 0)
		r = text_format(path, sizeof(path), FOLDER "/%s", bridge);
	if (r == 0 && unlinkat(x->h->run, path, 0) < 0)
		r = -errno;
	if (x->error == 0)
		x->error = r;
	return 0;
}

int localnet_set(const struct host *h, const struct forwards *lists, size_t n, bool on)
{
	struct switching x = { .h = h, .lists = lists, .n = n };
	int r;

	if (!on) {
		r = file_each(h->run, FOLDER, switch_off, &x);
		return r == -ENOENT ? 0 : r < 0 ? r : x.error;
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < lists[i].n; k++) {
			const struct forward *f = &lists[i].list[k];

			if (!f->local || !f->bridge[0])
				continue;
			r = switch_on(h, f->bridge);
			if (x.error == 0)
				x.error = r;
		}
	}
	return x.error;
}
