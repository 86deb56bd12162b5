// SPDX-License-Identifier: GPL-2.0-or-later
/* import-owner.c - which VM of this host has a mediated device, or a PCI function */

#include "import-owner.h"

#include "bdf.h"
#include "guest.h"
#include "import-vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(struct import_owners *o, const char *name, const char *key)
{
	struct import_owner *more = reallocarray(o->list, o->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	o->list = more;
	if (text_copy(more[o->n].name, NAME_LEN, name) == 0 &&
	    text_copy(more[o->n].key, UUID_LEN, key) == 0)
		o->n++;
	return 0;
}

static int take_guest(const struct guest *g, void *data)
{
	struct import_owners *o = data;
	char address[BDF_LEN];
	int r = 0;

	if (!text_is_name(g->name))
		return 0;
	for (size_t i = 0; i < g->n_mdevs && r == 0; i++)
		r = add(o, g->name, g->mdevs[i].uuid);
	for (size_t i = 0; i < g->n_hostdevs && r == 0; i++) {
		bdf_format(&g->hostdevs[i].bdf, address);
		r = add(o, g->name, address);
	}
	return r;
}

static int by_name(const void *a, const void *b)
{
	const struct import_owner *x = a, *y = b;

	return strcmp(x->name, y->name) ?: strcmp(x->key, y->key);
}

int import_owners_read(int root, struct import_owners *ret)
{
	int r;

	*ret = (struct import_owners){ 0 };
	r = import_guests(root, take_guest, ret);
	if (ret->n)
		qsort(ret->list, ret->n, sizeof(*ret->list), by_name);
	return r == -ENOMEM ? r : 0;
}

const char *import_owners_find(const struct import_owners *o, const char *key)
{
	const char *name = NULL;

	for (size_t i = 0; i < o->n; i++) {
		if (strcmp(o->list[i].key, key) != 0)
			continue;
		if (name && strcmp(name, o->list[i].name) != 0)
			return NULL;
		name = o->list[i].name;
	}
	return name;
}

void import_owners_free(struct import_owners *o)
{
	free(o->list);
	*o = (struct import_owners){ 0 };
}
