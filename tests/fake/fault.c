// SPDX-License-Identifier: GPL-2.0-or-later
/* fault.c - misbehaviour of the fake kernel that a test asks for */
#include "cards.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool any_or_same(const char *pattern, const char *name)
{
	return strcmp(pattern, "*") == 0 || strcmp(pattern, name) == 0;
}

const struct fault *fault_find(const struct kernel *k, enum fault_kind kind,
			       const char *driver, const char *device)
{
	for (const struct fault *f = k->faults; f; f = f->next)
		if (f->kind == kind && any_or_same(f->driver, driver) &&
		    any_or_same(f->device, device))
			return f;
	return NULL;
}

bool fault_is_silent(const struct kernel *k, const char *path)
{
	for (const struct fault *f = k->faults; f; f = f->next)
		if (f->kind == FAULT_READ && fnmatch(f->driver, path, 0) == 0)
			return true;
	return false;
}

int fault_on_write(struct kernel *k, const char *path)
{
	for (struct fault *f = k->faults; f && !k->again; f = f->next) {
		if (f->kind != FAULT_WRITE || fnmatch(f->driver, path, 0) != 0)
			continue;
		if (f->n == 0)
			return f->error;
		if (f->first && f->n != UINT32_MAX) {
			if (--f->n == 0)
				f->n = UINT32_MAX;
			return f->error;
		}
		if (f->n != UINT32_MAX && --f->n == 0) {
			f->n = UINT32_MAX; /* once, and never again */
			return f->error;
		}
	}
	return 0;
}

int errno_by_name(const char *name)
{
	for (int e = 1; e < 134; e++) {
		const char *s = strerrorname_np(e);

		if (s && strcmp(s, name) == 0)
			return -e;
	}
	return 0;
}

static int add(struct kernel *k, enum fault_kind kind, const char *driver,
	       const char *device, int error, unsigned int n)
{
	struct fault *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->kind = kind;
	snprintf(f->driver, sizeof(f->driver), "%s", driver);
	snprintf(f->device, sizeof(f->device), "%s", device);
	f->error = error;
	f->n = n;
	f->next = k->faults;
	k->faults = f;
	return 0;
}

/* The first @n writes of a path answer an errno. */
static int add_first(struct kernel *k, const char *path, int error, unsigned int n)
{
	int r = add(k, FAULT_WRITE, path, "*", error, n);

	if (r == 0)
		k->faults->first = true;
	return r;
}

static const struct {
	const char *name;
	enum fault_kind kind;
} delays[] = {
	{ "make", FAULT_MAKE },
	{ "register", FAULT_REGISTER },
	{ "linger", FAULT_LINGER },
};

static bool is_endless(const struct fault *f)
{
	return (f->kind == FAULT_MAKE || f->kind == FAULT_LINGER) && !f->n;
}

/* A hung unbind returns, and does not hang again; nor does a creation. */
static int release(struct kernel *k, const char *device)
{
	for (struct fault **p = &k->faults; *p;) {
		struct fault *f = *p;

		if ((f->kind == FAULT_HANG || is_endless(f)) &&
		    any_or_same(device, f->device)) {
			*p = f->next;
			free(f);
		} else {
			p = &f->next;
		}
	}
	for (struct device *d = k->devices; d; d = d->next)
		if (d->lock.held && any_or_same(device, d->dir->name))
			lock_drop(k, &d->lock);
	for (struct card *c = k->cards; c; c = c->next)
		if (any_or_same(device, c->dir->name))
			card_release(k, c);
	return 0;
}

static void clear(struct kernel *k)
{
	while (k->faults) {
		struct fault *f = k->faults;

		k->faults = f->next;
		free(f);
	}
	k->woken = true;
}

static int users(struct kernel *k, const char *name, const char *n)
{
	for (struct module *m = k->modules; m; m = m->next) {
		if (strcmp(m->name, name) != 0)
			continue;
		m->refcnt += atoi(n);
		return 0;
	}
	return -ENOENT;
}

int fault_command(struct kernel *k, char *words)
{
	char *w[5] = { NULL }, *save = NULL;
	size_t n = 0;

	for (char *s = strtok_r(words, " \n", &save); s && n < 5;
	     s = strtok_r(NULL, " \n", &save))
		w[n++] = s;

	if (n == 4 && strcmp(w[0], "refuse") == 0 && errno_by_name(w[3]))
		return add(k, FAULT_REFUSE, w[1], w[2], errno_by_name(w[3]), 0);
	if (n == 4 && strcmp(w[0], "slow") == 0)
		return add(k, FAULT_SLOW, w[1], w[2], 0, (unsigned int)atoi(w[3]));
	if (n == 3 && strcmp(w[0], "hang") == 0)
		return add(k, FAULT_HANG, w[1], w[2], 0, 0);
	if (n == 4 && strcmp(w[0], "error") == 0 && errno_by_name(w[3]))
		return add(k, FAULT_WRITE, w[1], "*", errno_by_name(w[3]),
			   (unsigned int)atoi(w[2]));
	if (n == 4 && strcmp(w[0], "errors") == 0 && errno_by_name(w[3]))
		return add_first(k, w[1], errno_by_name(w[3]), (unsigned int)atoi(w[2]));
	if (n == 2 && strcmp(w[0], "silent") == 0)
		return add(k, FAULT_READ, w[1], "*", 0, 0);
	for (size_t i = 0; n == 3 && i < sizeof(delays) / sizeof(delays[0]); i++)
		if (strcmp(w[0], delays[i].name) == 0)
			return add(k, delays[i].kind, "*", w[1], 0,
				   (unsigned int)atoi(w[2]));
	if (n == 3 && strcmp(w[0], "module") == 0 && errno_by_name(w[2]))
		return add(k, FAULT_MODULE, w[1], "*", errno_by_name(w[2]), 0);
	if (n == 3 && strcmp(w[0], "users") == 0)
		return users(k, w[1], w[2]);
	if (n == 2 && strcmp(w[0], "release") == 0)
		return release(k, w[1]);
	if (n == 2 && strcmp(w[0], "load") == 0)
		return module_load(k, w[1]);
	if (n == 2 && strcmp(w[0], "unload") == 0)
		return module_unload(k, w[1]);
	if (n == 1 && strcmp(w[0], "clear") == 0) {
		clear(k);
		return 0;
	}
	return n == 2 || n == 3 ? card_command(k, w[0], w[1], w[2]) : -EINVAL;
}
