// SPDX-License-Identifier: GPL-2.0-or-later
/* world.c - a guest, an INI file and a host, built in memory for the tests of policy */

#include "world.h"

#define HOSTDEVS 64
#define OTHERS   8

static void copy(char *dst, size_t size, const char *src)
{
	assert_int_equal(text_copy(dst, size, src), 0);
}

void world_make(struct world *w)
{
	*w = (struct world){ .inv = { .kernel = 6 } };
	copy(w->guest.name, sizeof(w->guest.name), "vm");
	copy(w->guest.uuid, sizeof(w->guest.uuid),
	     "00000000-0000-4000-8000-00000000000a");
	copy(w->conf.shown, sizeof(w->conf.shown), "vms/vm.ini");
	copy(w->conf.devices.driver, sizeof(w->conf.devices.driver), "auto");
	w->conf.devices.present = true;
	w->conf.devices.siblings = true;
	w->conf.devices.give_back = true;
	w->guest.hostdevs = calloc(HOSTDEVS, sizeof(*w->guest.hostdevs));
	w->inv.function = calloc(INVENTORY_MAX, sizeof(*w->inv.function));
	w->others.ledger = calloc(OTHERS, sizeof(*w->others.ledger));
	assert_true(w->guest.hostdevs && w->inv.function && w->others.ledger);
}

void world_free(struct world *w)
{
	ledgers_free(&w->others);
	inventory_free(&w->inv);
	guest_free(&w->guest);
}

int world_setup(void **state)
{
	world_make(*state);
	return 0;
}

int world_teardown(void **state)
{
	world_free(*state);
	return 0;
}

struct function *world_function(struct world *w, const char *bdf, const char *id,
				uint32_t class, const char *driver, int group)
{
	struct function *f = &w->inv.function[w->inv.n];

	assert_true(w->inv.n < INVENTORY_MAX);
	assert_int_equal(bdf_parse(bdf, &f->bdf), 0);
	bdf_format(&f->bdf, f->name);
	assert_true(w->inv.n == 0 || strcmp(f[-1].name, f->name) < 0);
	assert_int_equal(id_pair_parse(id, &f->id), 0);
	f->class = class;
	f->group = group;
	copy(f->driver, sizeof(f->driver), driver);
	copy(f->module, sizeof(f->module), driver);
	for (char *p = f->module; *p; p++)
		if (*p == '-')
			*p = '_';
	copy(f->vfio_driver, sizeof(f->vfio_driver), "vfio-pci");
	copy(f->vfio_module, sizeof(f->vfio_module), "vfio_pci");
	w->inv.n++;
	return f;
}

struct function *world_card(struct world *w, const char *bus, int group)
{
	char bdf[BDF_LEN + 8];
	struct function *gpu;

	snprintf(bdf, sizeof(bdf), "%s:00.0", bus);
	gpu = world_function(w, bdf, "10de:2684", WORLD_GPU, "nvidia", group);
	snprintf(bdf, sizeof(bdf), "%s:00.1", bus);
	world_function(w, bdf, "10de:22ba", WORLD_AUDIO, "snd_hda_intel", group);
	return gpu;
}

struct guest_hostdev *world_hostdev(struct world *w, const char *bdf)
{
	struct guest_hostdev *d = &w->guest.hostdevs[w->guest.n_hostdevs++];

	assert_in_range(w->guest.n_hostdevs, 1, HOSTDEVS);
	assert_int_equal(bdf_parse(bdf, &d->bdf), 0);
	return d;
}

void world_one_card(struct world *w)
{
	world_card(w, "0000:01", 10);
	world_hostdev(w, "0000:01:00.0");
}

void world_also(struct conf_devices *c, const char *bdf, const char *id)
{
	struct conf_also *a = &c->also[c->n_also++];

	assert_int_equal(bdf_parse(bdf, &a->bdf), 0);
	a->expected = id;
	if (id)
		assert_int_equal(id_pair_parse(id, &a->id), 0);
}

void world_expect(struct conf_devices *c, const char *id)
{
	assert_int_equal(id_pair_parse(id, &c->expect[c->n_expect++]), 0);
}

void world_claim(struct world *w, const char *name, const char *bdf)
{
	struct ledger *l = &w->others.ledger[w->others.n++];

	assert_in_range(w->others.n, 1, OTHERS);
	*l = LEDGER_NONE;
	copy(l->name, sizeof(l->name), name);
	l->claims = calloc(1, sizeof(*l->claims));
	assert_non_null(l->claims);
	copy(l->claims[l->n_claims++], BDF_LEN, bdf);
}

void world_hold(struct function *f, int pid, const char *command, const char *unit)
{
	struct holder *x = &f->holders[f->n_holders++];

	assert_in_range(f->n_holders, 1, HOLDERS_MAX);
	x->pid = pid;
	copy(x->command, sizeof(x->command), command);
	copy(x->unit, sizeof(x->unit), unit);
}

void world_look(struct world *w)
{
	w->found = (struct findings){ 0 };
	assert_int_equal(
		policy_choose(&w->guest, &w->conf, &w->inv, &w->taken, &w->found), 0);
	policy_check(&w->guest, &w->conf, &w->inv, &w->others, &w->taken, &w->found);
}

void world_check_taken(struct world *w, const char *want)
{
	char have[INVENTORY_MAX * BDF_LEN] = "";

	world_look(w);
	for (size_t i = 0; i < w->taken.n; i++) {
		size_t len = strlen(have);

		if (i)
			have[len++] = ' ';
		bdf_format(&w->taken.bdf[i], have + len);
	}
	assert_string_equal(have, want);
}

void world_check_found(struct world *w, const char *const *want, size_t n)
{
	world_look(w);
	for (size_t i = 0; i < w->found.n && i < n; i++) {
		const struct finding *f = &w->found.finding[i];

		assert_string_equal(f->text, want[i] + 1);
		assert_int_equal(f->holder ? '~' : f->refuse ? '!' : '.', want[i][0]);
		assert_true(f->refuse || !f->holder);
	}
	assert_int_equal(w->found.n, n);
}

void world_check_plan(struct world *w, const char *want)
{
	CLEANUP(plan_free) struct plan plan = { 0 };
	char have[16384] = "";

	world_look(w);
	assert_int_equal(
		policy_plan(&w->guest, &w->conf.devices, &w->inv, &w->taken, &plan), 0);
	for (size_t i = 0; i < plan.n; i++) {
		const struct step *s = &plan.steps[i];
		size_t len = strlen(have);

		assert_string_equal(s->from, "");
		snprintf(have + len, sizeof(have) - len, "%s %s %s%s\n", s->kind,
			 s->target, s->to, s->keep ? " keep" : "");
	}
	assert_string_equal(have, want);
}
