// SPDX-License-Identifier: GPL-2.0-or-later
/* placement-words.c - parts of the sentences: lists of names, and whose a vGPU is */

#include "placement-parts.h"

#include <stdio.h>
#include <string.h>

#define REST_LEN  24 /* " and 40 more" */
#define TYPES_MAX 256

void list_add(char list[static LIST_LEN], const char *name, unsigned int *ret_left_out)
{
	size_t len = strlen(list);

	if (*ret_left_out > 0 || len + 2 + strlen(name) >= LIST_LEN - REST_LEN)
		(*ret_left_out)++;
	else
		strcat(strcat(list, len ? ", " : ""), name);
}

void list_end(char list[static LIST_LEN], unsigned int left_out)
{
	if (left_out)
		snprintf(list + strlen(list), REST_LEN, " and %u more", left_out);
}

static void wish_describe(const struct wish *w, char ret[static WHO_LEN])
{
	snprintf(ret, WHO_LEN, "[vgpu %s] of %s", w->conf->name, w->file);
}

static void mdev_describe(const struct table *t, const struct vgpu_mdev *m,
			  char ret[static WHO_LEN])
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->wish[i].uuid, m->uuid) == 0)
			return wish_describe(&t->wish[i], ret);
	for (size_t i = 0; i < t->n_reserved; i++)
		if (strcmp(t->reserved[i].uuid, m->uuid) == 0) {
			snprintf(ret, WHO_LEN, "VM '%s'", t->reserved[i].vm);
			return;
		}
	snprintf(ret, WHO_LEN, "the mediated device %s", m->uuid);
}

/* whose a vGPU is; that of a function may have found its owner meanwhile */
void occupant_describe(const struct table *t, const struct occupant *o,
		       char ret[static WHO_LEN])
{
	const struct occupant *seat = o->parent ? table_seat(t, o->parent) : o;

	if (seat->wish)
		wish_describe(seat->wish, ret);
	else if (seat->reserved)
		snprintf(ret, WHO_LEN, "VM '%s'", seat->reserved->vm);
	else if (seat->mdev)
		mdev_describe(t, seat->mdev, ret);
	else
		snprintf(ret, WHO_LEN, "the vGPU on %s", seat->parent->name);
}

const char *type_name(const struct vgpu_type *t)
{
	return t->name[0] ? t->name : t->id;
}

static bool is_listed(const struct choice *all, size_t card, const char *name)
{
	for (size_t i = 0; i < card; i++)
		for (size_t n = 0; n < all[i].board->card->n_types; n++)
			if (strcmp(type_name(&all[i].board->card->type[n]), name) == 0)
				return true;
	return false;
}

void list_types(const struct choice *all, size_t n_all, const char *asked,
		char list[static LIST_LEN], char meant[static MEANT_LEN])
{
	const char *bare[TYPES_MAX], *nearest;
	unsigned int left_out = 0;
	size_t n = 0;

	list[0] = meant[0] = '\0';
	for (size_t i = 0; i < n_all; i++) {
		const struct vgpu_card *card = all[i].board->card;

		for (size_t m = 0; m < card->n_types && n < TYPES_MAX; m++) {
			const char *name = type_name(&card->type[m]);

			if (is_listed(all, i, name))
				continue;
			bare[n] = type_bare(name);
			list_add(list, bare[n++], &left_out);
		}
	}
	list_end(list, left_out);
	nearest = n ? text_nearest(type_bare(asked), bare, n) : NULL;
	if (nearest)
		snprintf(meant, MEANT_LEN, "did you mean '%s'? ", nearest);
}
