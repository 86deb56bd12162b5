// SPDX-License-Identifier: GPL-2.0-or-later
/* policy-choose.c - which functions a VM takes */

#include "policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool taken_has(const struct taken *t, const struct bdf *b)
{
	for (size_t i = 0; i < t->n; i++)
		if (bdf_equal(&t->bdf[i], b))
			return true;
	return false;
}

static int take(struct taken *t, const struct bdf *b)
{
	if (taken_has(t, b))
		return 0;
	if (t->n == INVENTORY_MAX)
		return -E2BIG;
	t->bdf[t->n++] = *b;
	return 0;
}

int policy_candidates(const struct guest *g, const struct conf_devices *c,
		      struct taken *ret)
{
	int r = 0;

	*ret = (struct taken){ 0 };
	for (size_t i = 0; i < g->n_hostdevs && r == 0; i++)
		r = take(ret, &g->hostdevs[i].bdf);
	for (size_t i = 0; i < g->n_disks && r == 0; i++)
		r = take(ret, &g->disks[i].bdf);
	for (size_t i = 0; i < c->n_also && r == 0; i++)
		r = take(ret, &c->also[i].bdf);
	return r;
}

bool policy_libvirt_binds(const struct guest *g, const struct bdf *b)
{
	for (size_t i = 0; i < g->n_hostdevs; i++)
		if (g->hostdevs[i].managed && bdf_equal(&g->hostdevs[i].bdf, b))
			return true;
	for (size_t i = 0; i < g->n_disks; i++)
		if (g->disks[i].managed && bdf_equal(&g->disks[i].bdf, b))
			return true;
	return false;
}

int policy_touched(const struct guest *g, const struct inventory *inv,
		   const struct taken *taken, struct taken *ret)
{
	int r = 0;

	*ret = *taken;
	for (size_t i = 0; i < inv->n && r == 0; i++)
		if (policy_libvirt_binds(g, &inv->function[i].bdf))
			r = take(ret, &inv->function[i].bdf);
	return r;
}

/*
 * A VF that NVIDIA's driver keeps for vGPUs stays with it, and libvirt brings a managed
 * network VF to VFIO itself.
 */
static bool wants(const struct conf_devices *c, const struct guest_hostdev *d,
		  const struct function *f)
{
	if (c->take == CONF_TAKE_NONE || f->vgpu || (d->interface && d->managed))
		return false;
	return c->take == CONF_TAKE_ALL || function_is_gpu(f);
}

static int take_hostdevs(const struct guest *g, const struct conf_vm *c,
			 const struct inventory *inv, struct taken *ret,
			 struct findings *found)
{
	int r = 0;

	for (size_t i = 0; i < g->n_hostdevs && r == 0; i++) {
		const struct guest_hostdev *d = &g->hostdevs[i];
		const struct function *f = inventory_find(inv, &d->bdf);
		char name[BDF_LEN];

		bdf_format(&d->bdf, name);
		if (!f && c->devices.take != CONF_TAKE_NONE)
			findings_refuse(
				found,
				"%s, a hostdev of %s, is not on this host: look for it with lspci -D and correct the domain XML with virsh edit",
				name, g->name);
		else if (f && wants(&c->devices, d, f) &&
			 conf_devices_allow(&c->devices, &d->bdf))
			r = take(ret, &d->bdf);
	}
	return r;
}

static int take_also(const struct conf_vm *c, const struct inventory *inv,
		     struct taken *ret, struct findings *found)
{
	int r = 0;

	for (size_t i = 0; i < c->devices.n_also && r == 0; i++) {
		const struct conf_also *a = &c->devices.also[i];
		const struct function *f = inventory_find(inv, &a->bdf);
		char name[BDF_LEN];

		bdf_format(&a->bdf, name);
		if (!f)
			findings_refuse(
				found,
				"%s, asked for by also in %s, is not on this host: look for it with lspci -D",
				name, c->shown);
		else if (function_is_bridge(f))
			findings_refuse(
				found,
				"%s, asked for by also in %s, is a bridge: no VM can have it, take it out",
				name, c->shown);
		else
			r = take(ret, &a->bdf);
	}
	return r;
}

/*
 * The functions of a graphics card are one device; the ports of a network card are not,
 * and the host may need the other one. A VF stands alone: its slot is that of its PF.
 */
static bool is_sibling(const struct function *f, const struct function *of)
{
	return bdf_same_slot(&f->bdf, &of->bdf) && function_is_gpu(of) &&
	       !function_is_bridge(f) && !f->vf && !of->vf;
}

static int take_siblings(const struct inventory *inv, struct taken *ret)
{
	size_t n = ret->n;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		const struct function *of = inventory_find(inv, &ret->bdf[i]);

		for (size_t k = 0; k < inv->n && r == 0; k++)
			if (is_sibling(&inv->function[k], of))
				r = take(ret, &inv->function[k].bdf);
	}
	return r;
}

static int by_address(const void *a, const void *b)
{
	char x[BDF_LEN], y[BDF_LEN];

	bdf_format(a, x);
	bdf_format(b, y);
	return strcmp(x, y);
}

int policy_choose(const struct guest *g, const struct conf_vm *c,
		  const struct inventory *inv, struct taken *ret, struct findings *found)
{
	int r;

	*ret = (struct taken){ 0 };
	if (!c->devices.present)
		return 0;
	r = take_hostdevs(g, c, inv, ret, found);
	if (r == 0)
		r = take_also(c, inv, ret, found);
	if (r == 0 && c->devices.siblings)
		r = take_siblings(inv, ret);
	if (r < 0)
		return r;
	qsort(ret->bdf, ret->n, sizeof(ret->bdf[0]), by_address);
	if (ret->n == 0 && found->n == 0 && c->devices.take != CONF_TAKE_NONE)
		findings_remark(
			found,
			"%s asks for devices, but the domain XML of %s has no %s among its PCI hostdevs",
			c->shown, g->name,
			c->devices.take == CONF_TAKE_GPUS ? "display function"
							  : "function to take");
	return 0;
}
