// SPDX-License-Identifier: GPL-2.0-or-later
/* import-name.c - names for [forward NAME], none twice in one VM */

#include "import-name.h"

#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int import_names_make(struct import_names *x, size_t max)
{
	*x = (struct import_names){ .mask = 1 };
	/* half of the table stays free, so that a name is found at once */
	while (x->mask < 2 * max)
		x->mask = 2 * x->mask + 1;
	x->name = calloc(max, sizeof(*x->name));
	x->slot = calloc(x->mask + 1, sizeof(*x->slot));
	return x->name && x->slot ? 0 : -ENOMEM;
}

void import_names_begin(struct import_names *x)
{
	x->first = x->n;
}

/* Where a name is in the table, or would be */
static size_t *slot_of(const struct import_names *x, const char *name)
{
	size_t at = x->first;

	for (const char *c = name; *c; c++)
		at = at * 31 + (unsigned char)*c;
	for (;; at++) {
		size_t *slot = &x->slot[at & x->mask];

		if (!*slot || (*slot > x->first && strcmp(x->name[*slot - 1], name) == 0))
			return slot;
	}
}

static bool is_taken(const struct import_names *x, const char *name)
{
	return *slot_of(x, name);
}

const char *import_names_choose(struct import_names *x, const struct import_forward *f)
{
	const char *service = f->lo == f->hi ? service_name(f->to) : NULL;
	char base[32], *name = x->name[x->n];

	if (service)
		snprintf(base, sizeof(base), "%s", service);
	else if (f->lo == f->hi)
		snprintf(base, sizeof(base), "%s-%u", proto_name(f->proto), f->to);
	else
		snprintf(base, sizeof(base), "%s-%u-%u", proto_name(f->proto), f->to,
			 f->to + (unsigned int)(f->hi - f->lo));
	snprintf(name, FORWARD_NAME_LEN, "%s", base);
	if (is_taken(x, name))
		snprintf(name, FORWARD_NAME_LEN, "%s-%u", base, f->lo);
	for (size_t k = 2; is_taken(x, name); k += k < 16 ? 1 : x->n)
		snprintf(name, FORWARD_NAME_LEN, "%s-%u-%zu", base, f->lo, k);
	*slot_of(x, name) = ++x->n;
	return name;
}

void import_names_free(struct import_names *x)
{
	free(x->name);
	free(x->slot);
	*x = (struct import_names){ 0 };
}
