// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-tree.c - the IOMMU groups of a VM's cards: what is taken, and what is in the way */

#include "ctl-check.h"

#include "names.h"
#include "out.h"
#include "print.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* of a name: address, driver and role fit beside it */
#define NAME_WIDTH 24

/* what becomes of a function when the VM starts */
struct role {
	const char *word; /* for programs */
	const char *text;
	enum tone tone;
};

static bool is_taken(const struct check_vm *v, const struct bdf *b)
{
	for (size_t i = 0; i < v->n_taken; i++)
		if (bdf_equal(&v->taken[i], b))
			return true;
	return false;
}

/* in the XML, or named in the INI file; not one that comes along with these */
static bool is_named(const struct check_vm *v, const struct bdf *b)
{
	const struct conf_devices *c = &v->vm.conf.devices;

	for (size_t i = 0; i < v->vm.guest.n_hostdevs; i++)
		if (bdf_equal(&v->vm.guest.hostdevs[i].bdf, b))
			return true;
	for (size_t i = 0; i < c->n_also; i++)
		if (bdf_equal(&c->also[i].bdf, b))
			return true;
	return false;
}

/* the words of policy-check.c, is_harmless() */
static bool is_harmless(const char *driver)
{
	return !driver[0] || strcmp(driver, "pci-stub") == 0 ||
	       strncmp(driver, "vfio", 4) == 0 || strstr(driver, "vfio_pci") ||
	       strstr(driver, "vfio-pci");
}

static bool has_other(const struct checkup *x, const struct card *c)
{
	const struct ledger *l = ledgers_claimant(&x->ledgers, c->name);

	return l && strcmp(l->uuid, x->only->vm.guest.uuid) != 0;
}

static struct role role_of(const struct checkup *x, const struct card *c)
{
	if (has_other(x, c))
		return (struct role){ "claimed", "another VM has it", TONE_BAD };
	if (is_taken(x->only, &c->bdf))
		return is_named(x->only, &c->bdf)
			       ? (struct role){ "taken", "taken", TONE_GOOD }
			       : (struct role){ "along", "goes along (same card)",
						TONE_GOOD };
	if (c->class >> 8 == 0x0604)
		return (struct role){ "bridge", "bridge, does not matter", TONE_FAINT };
	if (is_harmless(c->driver))
		return (struct role){ "harmless", "does not matter", TONE_FAINT };
	return (struct role){ "in_the_way", "in the way", TONE_BAD };
}

static bool is_in_tree(const struct checkup *x, int group)
{
	const struct check_vm *v = x->only;

	for (size_t i = 0; v && i < v->n_taken && group >= 0; i++) {
		const struct card *c = cards_find(&x->cards, &v->taken[i]);

		if (c && c->group == group)
			return true;
	}
	return false;
}

/* the first member of each group, by address: that is where the group is printed */
static bool is_first(const struct checkup *x, size_t at)
{
	const struct card *c = &x->cards.card[at];

	if (!is_in_tree(x, c->group))
		return false;
	for (size_t i = 0; i < at; i++)
		if (x->cards.card[i].group == c->group)
			return false;
	return true;
}

/* who made it says little, and what it is sold as stands in brackets */
static char *without_maker(char *name)
{
	static const char *const ends[] = { "Corporation ", "Inc. ", "Ltd. ",
					    "[AMD/ATI] " };
	char *bracket = strrchr(name, '['), *close = strrchr(name, ']');

	if (bracket && close && close > bracket && !close[1]) {
		*close = '\0';
		return bracket + 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char *end = strstr(name, ends[i]);

		if (end)
			return end + strlen(ends[i]);
	}
	return name;
}

static void print_member(const struct checkup *x, const struct card *c)
{
	struct role r = role_of(x, c);
	char name[NAMES_LEN], *shown;

	names_of(c->id, name);
	text_clean(name);
	shown = without_maker(name);
	if (strlen(shown) > NAME_WIDTH)
		memcpy(shown + NAME_WIDTH - 3, "...", 4);
	printf("  %s%s  %-*s  %-13s  %s%s\n", tone_begin(r.tone), c->name, NAME_WIDTH,
	       shown, c->driver[0] ? c->driver : "-", r.text, tone_end());
}

int check_tree_print(const struct checkup *x)
{
	for (size_t i = 0; i < x->cards.n; i++) {
		if (!is_first(x, i))
			continue;
		printf("group %d\n", x->cards.card[i].group);
		for (size_t k = i; k < x->cards.n; k++)
			if (x->cards.card[k].group == x->cards.card[i].group)
				print_member(x, &x->cards.card[k]);
	}
	names_forget();
	return ferror(stdout) ? -EIO : 0;
}

static void out_member(const struct checkup *x, struct out *o, const struct card *c)
{
	out_object(o, NULL);
	out_text(o, "address", c->name);
	out_text(o, "driver", c->driver[0] ? c->driver : NULL);
	out_text(o, "role", role_of(x, c).word);
	out_end(o);
}

void check_tree_out(const struct checkup *x, struct out *o)
{
	out_array(o, "groups");
	for (size_t i = 0; i < x->cards.n; i++) {
		if (!is_first(x, i))
			continue;
		out_object(o, NULL);
		out_number(o, "group", x->cards.card[i].group);
		out_array(o, "functions");
		for (size_t k = i; k < x->cards.n; k++)
			if (x->cards.card[k].group == x->cards.card[i].group)
				out_member(x, o, &x->cards.card[k]);
		out_end(o);
		out_end(o);
	}
	out_end(o);
}
