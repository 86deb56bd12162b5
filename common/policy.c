// SPDX-License-Identifier: GPL-2.0-or-later
/* policy.c - the order in which things are done: all knowledge of order is here */

#include "policy.h"

#include <errno.h>
#include <string.h>

/* vfio-pci removes what the firmware left on the screen itself since this version */
#define KERNEL_WITH_APERTURE 6

struct planning {
	const struct guest *guest;
	const struct conf_devices *conf;
	const struct inventory *inv;
	const struct taken *taken;
	struct plan *plan;
};

static const struct function *taken_at(const struct planning *p, size_t i)
{
	return inventory_find(p->inv, &p->taken->bdf[i]);
}

static int want(struct planning *p, const char *kind, const char *target, const char *to,
		bool keep)
{
	/* a VFIO module that two functions want is loaded once */
	for (size_t i = 0; i < p->plan->n; i++)
		if (strcmp(p->plan->steps[i].kind, kind) == 0 &&
		    strcmp(p->plan->steps[i].target, target) == 0)
			return 0;
	return plan_add(p->plan, kind, target, "", to, keep);
}

static int plan_units(struct planning *p)
{
	const char *cursor = p->conf->stop_units;
	char unit[TARGET_LEN];
	int r;

	while ((r = text_next_word(&cursor, unit, sizeof(unit))) > 0) {
		r = want(p, "unit", unit, "inactive", false);
		if (r < 0)
			return r;
	}
	return r;
}

static int plan_consoles(struct planning *p)
{
	bool screen = false, firmware = false;
	int r = 0;

	for (size_t i = 0; i < p->taken->n; i++) {
		screen |= taken_at(p, i)->framebuffer;
		firmware |=
			taken_at(p, i)->boot_vga && p->inv->kernel < KERNEL_WITH_APERTURE;
	}
	for (size_t i = 0; i < p->inv->n_consoles && r == 0; i++) {
		bool platform = strchr(p->inv->console[i], '/');

		if (platform ? firmware : screen || firmware)
			r = want(p, "console", p->inv->console[i], "unbound", false);
	}
	return r;
}

static bool drives_taken(const struct planning *p, const char *module)
{
	for (size_t i = 0; i < p->taken->n; i++)
		if (strcmp(taken_at(p, i)->module, module) == 0)
			return true;
	return false;
}

/*
 * A module that drives a taken function goes last and so comes back first: its driver
 * must be there before the function can be given back to it.
 */
static int plan_unload(struct planning *p, bool drives)
{
	const char *cursor = p->conf->unload;
	char module[TARGET_LEN];
	int r;

	while ((r = text_next_word(&cursor, module, sizeof(module))) > 0) {
		if (drives_taken(p, module) != drives)
			continue;
		r = want(p, "module", module, "absent", false);
		if (r < 0)
			return r;
	}
	return r;
}

static const char *asked_model(const struct guest *g, const struct bdf *b)
{
	for (size_t i = 0; i < g->n_hostdevs; i++)
		if (bdf_equal(&g->hostdevs[i].bdf, b))
			return g->hostdevs[i].model;
	return "";
}

int policy_driver(const struct guest *g, const struct conf_devices *c,
		  const struct function *f, char driver[static MODULE_LEN],
		  char module[static MODULE_LEN])
{
	const char *model = asked_model(g, &f->bdf);
	const char *name = strcmp(c->driver, "auto") != 0 ? c->driver : model;
	int r;

	if (!name[0]) {
		r = text_copy(driver, MODULE_LEN, f->vfio_driver);
		return r < 0 ? r : text_copy(module, MODULE_LEN, f->vfio_module);
	}
	/* the one VFIO driver that is not called as its module is */
	r = text_copy(driver, MODULE_LEN, strcmp(name, "vfio_pci") == 0 ? "vfio-pci" : name);
	if (r == 0)
		r = text_copy(module, MODULE_LEN, name);
	for (char *p = module; r == 0 && *p; p++)
		if (*p == '-')
			*p = '_';
	return r;
}

static int plan_vfio_modules(struct planning *p)
{
	char driver[MODULE_LEN], module[MODULE_LEN];
	int r = 0;

	for (size_t i = 0; i < p->taken->n && r == 0; i++) {
		r = policy_driver(p->guest, p->conf, taken_at(p, i), driver, module);
		/* it stays: unloading it would pull the card from under the next VM */
		if (r == 0)
			r = want(p, "module", module, "loaded", true);
	}
	return r;
}

static int plan_attr(struct planning *p, const struct function *f, const char *attr,
		     const char *value)
{
	char target[TARGET_LEN];
	int r;

	if (!value[0])
		return 0;
	r = text_format(target, sizeof(target), "%s/%s", f->name, attr);
	return r < 0 ? r : want(p, "attr", target, value, false);
}

static int plan_attrs(struct planning *p)
{
	const char *d3cold = p->conf->d3cold;
	int r = 0;

	if (d3cold[0])
		d3cold = strcmp(d3cold, "on") == 0 ? "1" : "0";
	for (size_t i = 0; i < p->taken->n && r == 0; i++) {
		const struct function *f = taken_at(p, i);

		r = plan_attr(p, f, "d3cold_allowed", d3cold);
		if (r == 0)
			r = plan_attr(p, f, "power/control", p->conf->power_control);
		/*
		 * only the functions that show a picture have a choice of resets worth
		 * the name
		 */
		if (r == 0 && CLASS_BASE(f->class) == CLASS_DISPLAY)
			r = plan_attr(p, f, "reset_method", p->conf->reset_method);
	}
	return r;
}

static int plan_drivers(struct planning *p)
{
	char driver[MODULE_LEN], module[MODULE_LEN], state[STATE_LEN];
	int r = 0;

	for (size_t i = 0; i < p->taken->n && r == 0; i++) {
		const struct function *f = taken_at(p, i);

		r = policy_driver(p->guest, p->conf, f, driver, module);
		if (r == 0)
			r = text_format(state, sizeof(state), "%s override=%s", driver,
					driver);
		if (r == 0)
			r = want(p, "driver", f->name, state, !p->conf->give_back);
	}
	return r;
}

int policy_plan(const struct guest *g, const struct conf_devices *c,
		const struct inventory *inv, const struct taken *taken, struct plan *plan)
{
	struct plan new = { 0 };
	struct planning p = { g, c, inv, taken, &new };
	int r = 0;

	if (taken->n > 0)
		r = plan_units(&p);
	if (taken->n > 0 && r == 0)
		r = plan_consoles(&p);
	if (taken->n > 0 && r == 0)
		r = plan_unload(&p, false);
	if (r == 0)
		r = plan_vfio_modules(&p);
	if (r == 0)
		r = plan_attrs(&p);
	if (r == 0)
		r = plan_drivers(&p);
	if (taken->n > 0 && r == 0)
		r = plan_unload(&p, true);
	if (r < 0) {
		plan_free(&new);
		return r;
	}
	*plan = new;
	return 0;
}
