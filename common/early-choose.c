// SPDX-License-Identifier: GPL-2.0-or-later
/* early-choose.c - what is taken at boot: the functions that a start would take */

#include "early-choose.h"

#include "policy.h"
#include "text.h"

#include <errno.h>
#include <string.h>

static const struct conf_also *find_also(const struct conf_devices *c,
					 const struct bdf *b)
{
	for (size_t i = 0; i < c->n_also; i++)
		if (bdf_equal(&c->also[i].bdf, b))
			return &c->also[i];
	return NULL;
}

static bool same_id(const struct id_pair *a, const struct id_pair *b)
{
	return a->vendor == b->vendor && a->device == b->device;
}

/* the identity that the INI file wants and the function has not, or NULL */
static const struct id_pair *wrong_id(const struct conf_devices *c,
				      const struct function *f)
{
	const struct conf_also *a = find_also(c, &f->bdf);

	if (a && a->expected && !same_id(&a->id, &f->id))
		return &a->id;
	if (c->n_expect == 0 || !function_is_gpu(f))
		return NULL;
	for (size_t i = 0; i < c->n_expect; i++)
		if (same_id(&c->expect[i], &f->id))
			return NULL;
	return &c->expect[0];
}

/* what would be a mistake to take at boot, or worth a word */
static void look(const struct conf_vm *c, const struct function *f,
		 struct findings *found)
{
	const struct id_pair *want = wrong_id(&c->devices, f);

	if (want)
		findings_refuse(
			found,
			"%s is %04x:%04x, but %s expects %04x:%04x: another card is at that address, look at lspci -nn and correct it",
			f->name, f->id.vendor, f->id.device, c->shown, want->vendor,
			want->device);
	if (f->use[0])
		findings_refuse(
			found,
			"%s carries %s of this host, which would be without it from the next boot on: take it out of %s",
			f->name, f->use, c->shown);
	if (f->boot_vga && !c->devices.primary)
		findings_remark(
			found,
			"%s shows this host's console and stays with the host: write primary = yes in %s if nobody needs that screen",
			f->name, c->shown);
	if (f->group < 0)
		findings_remark(
			found,
			"%s has no IOMMU group now, and VFIO will not take it: switch on VT-d or AMD-Vi in the firmware, add intel_iommu=on to the kernel's command line on Intel",
			f->name);
}

static int add(const struct guest *g, const struct conf_vm *c, const struct function *f,
	       struct early_list *list)
{
	struct early_entry e = { .bdf = f->bdf,
				 .id = f->id,
				 .primary = c->devices.primary };
	int r = policy_driver(g, &c->devices, f, e.driver, e.module);

	return r < 0 ? r : early_list_add(list, &e);
}

/* One that a tenant has made up would make a list that nobody can read, or load any module. */
static bool skip_odd(const struct guest *g, const struct conf_vm *c, const struct bdf *b,
		     struct findings *found)
{
	const char *model = policy_odd_model(g, b);
	char name[BDF_LEN];

	if (!model)
		return false;
	bdf_format(b, name);
	findings_remark(
		found,
		"%s is left out: model='%s' of its <driver> in the XML of %s is not the name of a VFIO driver: correct it with virsh edit, or take the function out of %s",
		name, model, g->name, c->shown);
	return true;
}

/* vfio-pci takes anything; which other driver would be better is not known without it */
static int add_absent(const struct guest *g, const struct conf_vm *c,
		      const struct conf_also *a, struct early_list *list)
{
	struct function f = { .bdf = a->bdf,
			      .id = a->id,
			      .vfio_module = "vfio_pci",
			      .vfio_driver = "vfio-pci" };

	return add(g, c, &f, list);
}

static int look_also(const struct guest *g, const struct conf_vm *c,
		     const struct inventory *inv, struct early_list *list,
		     struct findings *found)
{
	int r = 0;

	for (size_t i = 0; i < c->devices.n_also && r == 0; i++) {
		const struct conf_also *a = &c->devices.also[i];
		const struct function *f = inventory_find(inv, &a->bdf);
		char name[BDF_LEN];

		bdf_format(&a->bdf, name);
		if (f && function_is_bridge(f)) {
			findings_refuse(
				found,
				"%s, named in %s, is a bridge: no VM can have it, take it out",
				name, c->shown);
		} else if (!f && !a->expected) {
			findings_refuse(
				found,
				"%s, named in %s, is not on this host: look for it with lspci -D, or write %s=VENDOR:DEVICE if it comes later",
				name, c->shown, name);
		} else if (!f) {
			findings_remark(
				found,
				"%s, named in %s, is not on this host now: at boot it is taken when it is there, without the other functions of its slot",
				name, c->shown);
			if (!skip_odd(g, c, &a->bdf, found))
				r = add_absent(g, c, a, list);
		}
	}
	return r;
}

static void look_hostdevs(const struct guest *g, const struct conf_vm *c,
			  const struct inventory *inv, struct findings *found)
{
	char name[BDF_LEN];

	for (size_t i = 0; i < g->n_hostdevs && c->devices.take != CONF_TAKE_NONE; i++) {
		const struct bdf *b = &g->hostdevs[i].bdf;

		bdf_format(b, name);
		if (!conf_devices_allow(&c->devices, b))
			findings_remark(
				found,
				"%s, a hostdev of %s, is not among allowed in %s and is left to the host: take it out of the domain XML with virsh edit, or add it there",
				name, g->name, c->shown);
		else if (!inventory_find(inv, b))
			findings_remark(
				found,
				"%s, a hostdev of %s, is not on this host now and is left out: run virt-handoff early update again when it is, or name it with its identity in also of %s",
				name, g->name, c->shown);
	}
}

int early_choose(const struct guest *g, const struct conf_vm *c,
		 const struct inventory *inv, struct early_list *list,
		 struct findings *found)
{
	struct findings at_start = { 0 }; /* of what is absent, said better below */
	struct taken taken;
	int r;

	if (!c->devices.present || c->devices.give_back)
		return 0;
	r = policy_choose(g, c, inv, &taken, &at_start);
	if (r == 0)
		r = look_also(g, c, inv, list, found);
	if (r < 0)
		return r;
	look_hostdevs(g, c, inv, found);
	for (size_t i = 0; i < taken.n && r == 0; i++) {
		const struct function *f = inventory_find(inv, &taken.bdf[i]);

		look(c, f, found);
		if (!skip_odd(g, c, &f->bdf, found))
			r = add(g, c, f, list);
	}
	return r;
}
