// SPDX-License-Identifier: GPL-2.0-or-later
/* ledger-forget.c - what a killed program has begun to write of a ledger goes */

#include "ledger.h"

#include "file.h"
#include "lock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* one that was written, and not published before a kill */
int ledger_forget_new(const struct host *h, const char *uuid)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "ledger/.%s.new", uuid);

	if (r == 0 && unlinkat(h->run, path, 0) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}

struct forgetting {
	const struct host *h;
	const char *uuid;
};

static int forget_name(const char *name, void *data)
{
	const struct forgetting *x = data;
	char path[PATH_LEN], linked[UUID_LEN];
	int r = text_format(path, sizeof(path), "names/%s", name);

	if (r < 0 || file_link_name(x->h->run, path, linked, sizeof(linked)) < 0 ||
	    strcmp(linked, x->uuid) != 0)
		return r;
	return unlinkat(x->h->run, path, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int ledger_forget(const struct host *h, const char *uuid)
{
	struct forgetting x = { .h = h, .uuid = uuid };
	int r;

	if (h->run < 0)
		return 0;
	r = ledger_forget_new(h, uuid);
	return r < 0 ? r : file_each(h->run, "names", forget_name, &x);
}

struct sweeping {
	const struct host *h;
	const char *who;
};

/* whoever starts or stops this VM holds its lock, and may be about to publish */
static int sweep(const struct sweeping *x, const char *uuid)
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	char unused[WHY_LEN];

	if (!text_is_uuid(uuid) || ledger_exists(x->h, uuid) ||
	    lock_take(x->h, uuid, x->who, 0, &lock, unused) < 0 ||
	    ledger_exists(x->h, uuid))
		return 0;
	return ledger_forget(x->h, uuid);
}

static int sweep_name(const char *name, void *data)
{
	const struct sweeping *x = data;
	char path[PATH_LEN], uuid[UUID_LEN];

	if (text_format(path, sizeof(path), "names/%s", name) < 0 ||
	    file_link_name(x->h->run, path, uuid, sizeof(uuid)) < 0)
		return 0;
	return sweep(x, uuid);
}

/* ".UUID.new", as ledger_create() names it */
static int sweep_new(const char *name, void *data)
{
	const struct sweeping *x = data;
	char uuid[UUID_LEN], new[UUID_LEN + 8];

	if (name[0] != '.' || strlen(name) != UUID_LEN + 4)
		return 0;
	snprintf(uuid, sizeof(uuid), "%.36s", name + 1);
	snprintf(new, sizeof(new), ".%s.new", uuid);
	return strcmp(new, name) == 0 ? sweep(x, uuid) : 0;
}

int ledgers_sweep(const struct host *h, const char *who)
{
	struct sweeping x = { h, who };
	int r, names;

	if (h->run < 0)
		return 0;
	names = file_each(h->run, "names", sweep_name, &x);
	r = file_each(h->run, "ledger", sweep_new, &x);
	r = r == -ENOENT ? 0 : r;
	return names < 0 && names != -ENOENT ? names : r;
}
