// SPDX-License-Identifier: GPL-2.0-or-later
/* draft-devices.c - which devices a VM asks for: section [devices] */

#include "draft.h"

#include "cards.h"
#include "inventory.h"
#include "names.h"
#include "policy.h"
#include "step.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* what holds NVIDIA's cards without using them */
static const char *const nvidia_units[] = {
	"nvidia-persistenced.service", "nvidia-powerd.service",
	"nvidia-dcgm.service",         "dcgm.service",
	"dcgm-exporter.service",
};

/* from the top: each is used by those below it */
static const char *const nvidia_modules[] = { "nvidia_drm", "nvidia_modeset",
					      "nvidia_uvm" };

/**
 * struct devices - What is known of the functions that the VM takes
 */
struct devices {
	struct draft *d;
	struct draft_section *s;
	struct inventory inv;
	struct taken taken;
	struct cards cards;
};

static const struct function *taken_at(const struct devices *x, size_t i)
{
	return inventory_find(&x->inv, &x->taken.bdf[i]);
}

static void append(char *list, size_t size, const char *word)
{
	size_t len = strlen(list);

	if (!text_has_word(list, word) && len + strlen(word) + 2 <= size)
		snprintf(list + len, size - len, "%s%s", len ? " " : "", word);
}

static bool is_in(struct draft *d, const char *kind, const char *target,
		  const char *state)
{
	struct host *h = &d->ctl->host;
	const struct kind *k = kind_find(h, kind);
	char now[STATE_LEN];

	return k && k->get(h, target, now) == 0 && strcmp(now, state) == 0;
}

static void name_cards(struct devices *x)
{
	char name[NAMES_LEN];

	for (size_t i = 0; i < x->taken.n; i++) {
		const struct function *f = taken_at(x, i);

		if (!f)
			continue;
		names_of(f->id, name);
		draft_note(x->s, "%s  %s", f->name, name);
		draft_say(x->d, "takes %s %s", f->name, name);
	}
}

static void set_expect(struct devices *x)
{
	char list[CONF_LIST_LEN] = "", id[16];
	size_t n = 0;

	for (size_t i = 0; i < x->taken.n; i++) {
		const struct function *f = taken_at(x, i);

		if (!f || !function_is_gpu(f) || n == CONF_EXPECT_MAX)
			continue;
		snprintf(id, sizeof(id), "%04x:%04x", f->id.vendor, f->id.device);
		n += !text_has_word(list, id);
		append(list, sizeof(list), id);
	}
	draft_set(x->s, "expect", list);
}

static bool takes(const struct devices *x, bool (*is)(const struct function *f))
{
	for (size_t i = 0; i < x->taken.n; i++) {
		const struct function *f = taken_at(x, i);

		if (f && is(f))
			return true;
	}
	return false;
}

static bool is_nvidia(const struct function *f)
{
	return strcmp(f->driver, "nvidia") == 0;
}

static bool is_screen(const struct function *f)
{
	return f->boot_vga;
}

/* whether the host keeps a card of NVIDIA's driver: then its modules are needed */
static bool keeps_nvidia(const struct devices *x)
{
	for (size_t i = 0; i < x->cards.n; i++)
		if (strcmp(x->cards.card[i].driver, "nvidia") == 0 &&
		    !taken_has(&x->taken, &x->cards.card[i].bdf))
			return true;
	return false;
}

static void set_units(struct devices *x)
{
	char list[CONF_LIST_LEN] = "";

	for (size_t i = 0; takes(x, is_nvidia) && i < ARRAY_LEN(nvidia_units); i++)
		if (is_in(x->d, "unit", nvidia_units[i], "active"))
			append(list, sizeof(list), nvidia_units[i]);
	if (takes(x, is_screen) &&
	    is_in(x->d, "unit", "display-manager.service", "active"))
		append(list, sizeof(list), "display-manager.service");
	if (list[0])
		draft_say(x->d, "stops %s while the VM runs", list);
	draft_set(x->s, "stop-units", list);
}

static void set_modules(struct devices *x)
{
	char list[CONF_LIST_LEN] = "";

	if (!takes(x, is_nvidia) || keeps_nvidia(x))
		return;
	for (size_t i = 0; i < ARRAY_LEN(nvidia_modules); i++)
		if (is_in(x->d, "module", nvidia_modules[i], "loaded"))
			append(list, sizeof(list), nvidia_modules[i]);
	if (list[0])
		draft_say(
			x->d,
			"unloads %s first, because no other card of this host needs them",
			list);
	draft_set(x->s, "unload", list);
}

static void ask_for_screen(struct devices *x)
{
	if (!takes(x, is_screen))
		return;
	draft_note(
		x->s,
		"One of these shows the console of this host. With primary = yes the VM is started, and the screen is dark until it has ended.");
	draft_propose(x->s, "primary", "yes");
	draft_ask(
		x->d,
		"the card shows the console of this host: take the # from primary = yes if nobody needs that screen while the VM runs");
}

static int look(struct devices *x)
{
	struct draft *d = x->d;
	struct conf_vm c = { .devices = { .present = true, .siblings = true } };
	struct findings found = { 0 };
	int r = policy_candidates(&d->domain->guest, &c.devices, &x->taken);

	if (r == 0)
		r = inventory_read(&d->ctl->host, x->taken.bdf, x->taken.n, &x->inv);
	if (r == 0)
		r = policy_choose(&d->domain->guest, &c, &x->inv, &x->taken, &found);
	if (r == 0)
		r = cards_read(&d->ctl->host, &x->cards);
	for (size_t i = 0; i < found.n; i++)
		if (found.finding[i].refuse)
			draft_ask(d, "%s", found.finding[i].text);
	return r;
}

/* with [devices] a start is refused with a clear sentence, and not by QEMU */
static bool note_missing(struct devices *x)
{
	const struct guest *g = &x->d->domain->guest;
	bool any = false;

	for (size_t i = 0; i < g->n_hostdevs; i++) {
		char name[BDF_LEN];

		if (inventory_find(&x->inv, &g->hostdevs[i].bdf))
			continue;
		bdf_format(&g->hostdevs[i].bdf, name);
		draft_note(x->s, "%s  is not on this host, and so the VM is not started",
			   name);
		any = true;
	}
	return any;
}

int draft_devices(struct draft *d)
{
	struct devices x = { .d = d, .s = draft_open(d, "devices", "") };
	int r = x.s ? look(&x) : -E2BIG;

	if (r == 0 && !note_missing(&x) && x.taken.n == 0) {
		x.s->off = true;
		draft_note(x.s, "The domain XML has no GPU among its PCI hostdevs.");
	} else if (r == 0) {
		name_cards(&x);
		draft_set(x.s, "take", "gpus");
		draft_set(x.s, "siblings", "yes");
		set_expect(&x);
		set_units(&x);
		set_modules(&x);
		ask_for_screen(&x);
	}
	cards_free(&x.cards);
	inventory_free(&x.inv);
	return r;
}
