// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-list-gpus.c - virt-handoff list gpus: all cards, and which VM has them */

#include "ctl-list.h"

#include "cards.h"
#include "log.h"
#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_listed(const struct card *g)
{
	/* virtual functions are in list vgpus */
	return card_is_gpu(g) && !g->vf;
}

/* "GeForce RTX 4090" of "NVIDIA Corporation AD102 [GeForce RTX 4090]" */
static void market_name(const struct card *g, char ret[static NAMES_LEN])
{
	char *from, *to;

	names_of(g->id, ret);
	from = strrchr(ret, '[');
	to = from ? strchr(from, ']') : NULL;
	if (!to || to == from + 1)
		return;
	*to = '\0';
	memmove(ret, from + 1, (size_t)(to - from));
}

static void number_or_dash(int n, char ret[static 16])
{
	snprintf(ret, 16, n < 0 ? "-" : "%d", n);
}

static void add_row(struct table *t, const struct card *g, const struct owner *o)
{
	char name[NAMES_LEN], what[NAMES_LEN + 32], vm[NAME_LEN], group[16], node[16];

	market_name(g, name);
	snprintf(what, sizeof(what), "%s%s", name, g->boot_vga ? ", boot display" : "");
	number_or_dash(g->group, group);
	number_or_dash(g->node, node);
	table_row(t, (const char *const[]){ g->name, g->driver[0] ? g->driver : "none",
					    group, node, owner_shown(o, vm), what });
}

static int print_table(const struct cards *all, const struct owners *owners)
{
	static const char *const head[] = { "ADDRESS", "DRIVER", "GROUP",
					    "NODE",    "VM",     "NAME" };
	struct table t;
	int r;

	table_begin(&t, head, ARRAY_LEN(head));
	for (size_t i = 0; i < all->n; i++)
		if (is_listed(&all->card[i]))
			add_row(&t, &all->card[i],
				owners_find(owners, all->card[i].name));
	if (t.n_cells == 0 && !t.failed)
		printf("this host has no GPU\n");
	r = table_print(&t, stdout);
	table_free(&t);
	return r;
}

static void put(struct out *o, const struct card *g, const struct owner *owner)
{
	char name[NAMES_LEN], id[16];

	names_of(g->id, name);
	snprintf(id, sizeof(id), "%04x:%04x", g->id.vendor, g->id.device);
	out_object(o, NULL);
	out_text(o, "address", g->name);
	out_text(o, "id", id);
	out_text(o, "name", name);
	out_text(o, "driver", g->driver[0] ? g->driver : NULL);
	out_number(o, "group", g->group);
	out_number(o, "node", g->node);
	out_bool(o, "boot_vga", g->boot_vga);
	owner_put(owner, o);
	out_end(o);
}

static int print_json(const struct cards *all, const struct owners *owners)
{
	CLEANUP(out_free) struct out *o = out_new();

	out_array(o, "gpus");
	for (size_t i = 0; i < all->n; i++)
		if (is_listed(&all->card[i]))
			put(o, &all->card[i], owners_find(owners, all->card[i].name));
	out_end(o);
	return out_print(o, stdout);
}

int ctl_list_gpus(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(owners_free) struct owners owners = { 0 };
	CLEANUP(cards_free) struct cards all = { 0 };
	char sentence[WHY_LEN];
	int r;

	(void)argv;
	if (argc > 1)
		return ctl_usage("list gpus");
	r = owners_read(c, &owners, sentence);
	if (r < 0) {
		log_err("%s", sentence);
		return CTL_FAILED;
	}
	r = cards_read(&c->host, &all);
	if (r == 0)
		r = c->json ? print_json(&all, &owners) : print_table(&all, &owners);
	names_forget();
	return r < 0 ? (log_errno(r, "list gpus"), CTL_FAILED) : CTL_DONE;
}
