// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-list-types.c - virt-handoff list types: the types of vGPU, and how many more fit */

#include "ctl-list.h"

#include "log.h"
#include "placement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FITS_LEN 1024 /* 64 cards */

/**
 * struct types - What cards offer
 * @room:    Owned. How many more fit, type by type, card by card; where the driver does not
 *           say how many a card takes, its free virtual functions that offer the type
 * @first:   Owned. Of each card, where its types begin in @room
 */
struct types {
	struct vgpus v;
	unsigned int *room;
	size_t *first;
};

/* one line for all cards on which it means the same */
static bool is_same(const struct vgpus *v, size_t a, size_t i, size_t b, size_t k)
{
	const struct vgpu_card *x = &v->card[a], *y = &v->card[b];

	return strcmp(x->type[i].id, y->type[k].id) == 0 &&
	       strcmp(x->type[i].name, y->type[k].name) == 0 &&
	       x->id.vendor == y->id.vendor && x->id.device == y->id.device &&
	       x->pci == y->pci;
}

/* index of the type on a card, or its number of types */
static size_t find_on(const struct types *t, size_t a, size_t i, size_t b)
{
	size_t k = 0;

	while (k < t->v.card[b].n_types && !is_same(&t->v, a, i, b, k))
		k++;
	return k;
}

static bool is_first(const struct types *t, size_t a, size_t i)
{
	for (size_t b = 0; b < a; b++)
		if (find_on(t, a, i, b) < t->v.card[b].n_types)
			return false;
	return true;
}

/* the vendor framework says what can be made now on each function, not how many in all */
static bool is_exact(const struct vgpu_type *t)
{
	return t->max > 0;
}

static void add_row(struct table *table, const struct types *t, size_t a, size_t i)
{
	const struct vgpu_type *type = &t->v.card[a].type[i];
	char size[16], fits[FITS_LEN] = "";
	size_t len = 0;

	for (size_t b = a; b < t->v.n_cards && len < sizeof(fits); b++) {
		size_t k = find_on(t, a, i, b);
		unsigned int room =
			k < t->v.card[b].n_types ? t->room[t->first[b] + k] : 0;

		if (room)
			len += (size_t)snprintf(fits + len, sizeof(fits) - len,
						"%s%s%u on %s", len ? ", " : "",
						is_exact(type) ? "" : "up to ", room,
						status_address(t->v.card[b].name));
	}
	snprintf(size, sizeof(size), type->size_mib ? "%u" : "-", type->size_mib);
	table_row(table,
		  (const char *const[]){ type->id, type->name[0] ? type->name : "-", size,
					 fits[0] ? fits : "none" });
}

static int print_table(const struct types *t)
{
	static const char *const head[] = { "ID", "NAME", "MIB", "MORE FIT" };
	struct table table;
	int r;

	table_begin(&table, head, ARRAY_LEN(head));
	for (size_t a = 0; a < t->v.n_cards; a++)
		for (size_t i = 0; i < t->v.card[a].n_types; i++)
			if (is_first(t, a, i))
				add_row(&table, t, a, i);
	if (table.n_cells == 0 && !table.failed)
		status_say(
			0, TONE_PLAIN,
			"no card offers a type of vGPU: is its vGPU host driver there, and does it have virtual functions?");
	r = table_print(&table, stdout);
	table_free(&table);
	return r;
}

static void put(struct out *o, const struct types *t, size_t a, size_t i)
{
	const struct vgpu_type *type = &t->v.card[a].type[i];

	out_object(o, NULL);
	out_text(o, "id", type->id);
	out_text(o, "name", type->name[0] ? type->name : NULL);
	out_number(o, "framebuffer_mib", type->size_mib);
	if (is_exact(type))
		out_number(o, "most_on_a_card", type->max);
	out_bool(o, "exact", is_exact(type));
	out_array(o, "cards");
	for (size_t b = a; b < t->v.n_cards; b++) {
		size_t k = find_on(t, a, i, b);

		if (k == t->v.card[b].n_types)
			continue;
		out_object(o, NULL);
		out_text(o, "card", t->v.card[b].name);
		out_number(o, "fit", t->room[t->first[b] + k]);
		out_end(o);
	}
	out_end(o);
	out_end(o);
}

static int print_json(const struct types *t)
{
	CLEANUP(out_free) struct out *o = out_new();

	out_array(o, "types");
	for (size_t a = 0; a < t->v.n_cards; a++)
		for (size_t i = 0; i < t->v.card[a].n_types; i++)
			if (is_first(t, a, i))
				put(o, t, a, i);
	out_end(o);
	return out_print(o, stdout);
}

static void types_free(struct types *t)
{
	vgpus_free(&t->v);
	free(t->room);
	free(t->first);
}

static int read_host(const struct host *h, struct conf_host *ret,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd)
	int dir = openat(h->root, "etc/virt-handoff", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		return conf_host_read(dir, ret, ret_why);
	*ret = (struct conf_host){ .n_gpus = 0 };
	if (errno == ENOENT)
		return 0;
	why(ret_why, "/etc/virt-handoff: %s", strerror(errno));
	return -errno;
}

static int read_types(struct host *h, struct types *t, char ret_why[static WHY_LEN])
{
	struct conf_host conf;
	size_t n = 0;
	int r = read_host(h, &conf, ret_why);

	if (r < 0)
		return r;
	r = vgpus_read(h, NULL, 0, &t->v);
	if (r == 0)
		r = placement_rooms(&t->v, &conf, &t->room);
	t->first = calloc(t->v.n_cards + 1, sizeof(*t->first));
	if (r == 0 && !t->first)
		r = -ENOMEM;
	for (size_t i = 0; i < t->v.n_cards && r == 0; i++) {
		t->first[i] = n;
		n += t->v.card[i].n_types;
	}
	if (r == 0)
		list_warn_silent(&t->v);
	if (r < 0)
		why(ret_why, "the cards cannot be looked at: %s", strerror(-r));
	return r;
}

int ctl_list_types(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(types_free) struct types t = { .room = NULL };
	char sentence[WHY_LEN];
	int r;

	(void)argv;
	if (argc > 1)
		return ctl_usage("list types");
	if (read_types(&c->host, &t, sentence) < 0) {
		log_err("%s", sentence);
		return CTL_FAILED;
	}
	r = c->json ? print_json(&t) : print_table(&t);
	return r < 0 ? (log_errno(r, "list types"), CTL_FAILED) : CTL_DONE;
}
