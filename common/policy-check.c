// SPDX-License-Identifier: GPL-2.0-or-later
/* policy-check.c - everything that speaks against a hand-over, before it begins */

#include "policy.h"

#include <string.h>

/* what every check looks at */
struct check {
	const struct guest *guest;
	const struct conf_vm *conf;
	const struct inventory *inv;
	const struct ledgers *others;
	const struct taken *taken;
	struct findings *found;
};

/* a PCI-to-PCI bridge: VFIO lets the host have it, whatever drives it */
static bool is_port(const struct function *f)
{
	return f->class >> 8 == 0x0604;
}

static void check_allowed_one(struct check *k, const struct bdf *b, const char *what)
{
	char name[BDF_LEN];

	bdf_format(b, name);
	if (k->conf->devices.restricted && !conf_devices_allow(&k->conf->devices, b))
		findings_refuse(
			k->found,
			"%s, %s of %s, is not among allowed in %s: take it out of the domain XML with virsh edit, or add it there",
			name, what, k->guest->name, k->conf->shown);
}

/*
 * The XML may be a tenant's, the INI file is the host's. What libvirt would give him by
 * itself (managed='yes') counts too: so all that the XML names, not what is taken.
 */
static void check_allowed(struct check *k)
{
	const struct guest *g = k->guest;

	for (size_t i = 0; i < g->n_hostdevs; i++)
		check_allowed_one(k, &g->hostdevs[i].bdf, "a hostdev");
	for (size_t i = 0; i < g->n_disks; i++)
		check_allowed_one(k, &g->disks[i].bdf, "a disk");
}

static void check_iommu(struct check *k, const struct function *f)
{
	if (f->group < 0)
		findings_refuse(
			k->found,
			"%s has no IOMMU group: switch on VT-d or AMD-Vi in the firmware, add intel_iommu=on to the kernel's command line on Intel, and reboot",
			f->name);
}

static bool id_matches(const struct id_pair *want, const struct function *f)
{
	return want->vendor == f->id.vendor && want->device == f->id.device;
}

static void check_identity(struct check *k, const struct function *f)
{
	const struct conf_devices *c = &k->conf->devices;

	for (size_t i = 0; i < c->n_also; i++) {
		const struct conf_also *a = &c->also[i];

		if (bdf_equal(&a->bdf, &f->bdf) && a->expected && !id_matches(&a->id, f))
			findings_refuse(
				k->found,
				"%s is %04x:%04x, but also in %s expects %04x:%04x: another card is at that address, look at lspci -nn and correct it",
				f->name, f->id.vendor, f->id.device, k->conf->shown,
				a->id.vendor, a->id.device);
	}
	if (c->n_expect == 0 || !function_is_gpu(f))
		return;
	for (size_t i = 0; i < c->n_expect; i++)
		if (id_matches(&c->expect[i], f))
			return;
	findings_refuse(
		k->found,
		"%s is %04x:%04x, but expect in %s says %04x:%04x: another card is at that address, look at lspci -nn and correct the domain XML or expect",
		f->name, f->id.vendor, f->id.device, k->conf->shown, c->expect[0].vendor,
		c->expect[0].device);
}

const char *policy_odd_model(const struct guest *g, const struct bdf *b)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	for (size_t i = 0; i < g->n_hostdevs; i++) {
		const char *model = g->hostdevs[i].model;

		if (bdf_equal(&g->hostdevs[i].bdf, b) && model[0] &&
		    (!strstr(model, "vfio") || model[strspn(model, allowed)]))
			return model;
	}
	return NULL;
}

static void check_model(struct check *k, const struct function *f)
{
	const char *model = policy_odd_model(k->guest, &f->bdf);

	if (model)
		findings_refuse(
			k->found,
			"%s: model='%s' of its <driver> is not the name of a VFIO driver: correct the domain XML with virsh edit",
			f->name, model);
}

static void check_claim(struct check *k, const struct function *f)
{
	const struct ledger *other = ledgers_claimant(k->others, f->name);

	if (other)
		findings_refuse(k->found,
				"%s is taken by VM '%s': shut that VM down first",
				f->name, other->name);
}

static void check_screen(struct check *k, const struct function *f)
{
	if (f->boot_vga && !k->conf->devices.primary)
		findings_refuse(
			k->found,
			"%s shows this host's console: write primary = yes in [devices] of %s if nobody needs that screen while the VM runs",
			f->name, k->conf->shown);
}

/* a driver that is unbound takes its mediated devices with it */
static void check_vgpus(struct check *k, const struct function *f)
{
	const struct ledger *other = ledgers_vgpu_maker(k->others, f->name);

	if (other)
		findings_refuse(
			k->found,
			"%s has a vGPU of VM '%s', which would vanish with it: shut that VM down first",
			f->name, other->name);
	else if (f->made[0])
		findings_refuse(
			k->found,
			"%s has the vGPU %s%s%s%s, which would vanish with it: shut down the VM that uses it and write 1 to remove in /sys/bus/mdev/devices/%s, or take %s out of the domain XML or of %s",
			f->name, f->made, f->made_for[0] ? " of VM '" : "", f->made_for,
			f->made_for[0] ? "'" : "", f->made, f->name, k->conf->shown);
}

static void check_use(struct check *k, const struct function *f)
{
	if (f->use[0])
		findings_refuse(
			k->found,
			"%s carries %s of this host: take it out of the domain XML or of %s",
			f->name, f->use, k->conf->shown);
	if (f->n_vfs > 0)
		findings_refuse(
			k->found,
			"%s has %u virtual functions, which would vanish with it: give the VM one of those, or write 0 to its sriov_numvfs first",
			f->name, f->n_vfs);
}

/*
 * Source: Linux drivers/vfio/vfio.c, vfio_dev_viable(): without a driver, or one that
 * makes no DMA for the host
 */
static bool is_harmless(const char *driver)
{
	return !driver[0] || strcmp(driver, "pci-stub") == 0 ||
	       strcmp(driver, "pcieport") == 0 || strncmp(driver, "vfio", 4) == 0 ||
	       strstr(driver, "vfio_pci") || strstr(driver, "vfio-pci");
}

static bool in_taken_group(const struct check *k, int group, const char **ret_first)
{
	for (size_t i = 0; i < k->taken->n; i++) {
		const struct function *f = inventory_find(k->inv, &k->taken->bdf[i]);

		if (f && f->group == group && group >= 0) {
			*ret_first = f->name;
			return true;
		}
	}
	return false;
}

static void check_member(struct check *k, const struct function *m)
{
	const struct ledger *other = ledgers_claimant(k->others, m->name);
	const char *first;

	if (taken_has(k->taken, &m->bdf) || is_port(m) ||
	    !in_taken_group(k, m->group, &first))
		return;
	if (other)
		findings_refuse(
			k->found,
			"%s cannot be had alone: %s of the same IOMMU group %d is taken by VM '%s', shut that VM down first",
			first, m->name, m->group, other->name);
	else if (is_harmless(m->driver) || policy_libvirt_binds(k->guest, &m->bdf))
		return;
	else if (function_is_bridge(m))
		findings_refuse(
			k->found,
			"%s cannot be had alone: %s of the same IOMMU group %d, which no VM can have, is driven by %s of this host; put the card into another slot",
			first, m->name, m->group, m->driver);
	else
		findings_refuse(
			k->found,
			"%s cannot be had alone: %s of the same IOMMU group %d is driven by %s of this host; add %s to also in %s, or put the card into another slot",
			first, m->name, m->group, m->driver, m->name, k->conf->shown);
}

static bool stops_anyway(const struct conf_devices *c, const struct holder *x)
{
	return x->unit[0] && !x->user && text_has_word(c->stop_units, x->unit);
}

static void check_holders(struct check *k, const struct function *f)
{
	struct holder left[HOLDERS_MAX];
	char names[WHY_LEN / 2];
	const char *unit;
	size_t n = 0;

	for (size_t i = 0; i < f->n_holders; i++)
		if (!stops_anyway(&k->conf->devices, &f->holders[i]))
			left[n++] = f->holders[i];
	if (n == 0)
		return;
	holders_describe(left, n, names, sizeof(names));
	unit = strrchr(left[0].unit, '.');
	if (unit && strcmp(unit, ".service") == 0 && !left[0].user)
		findings_hold(k->found,
			      "%s is held by %s: stop it, or add it to stop-units in %s",
			      f->name, names, k->conf->shown);
	else
		findings_hold(
			k->found,
			"%s is held by %s: end it, or write in-use = wait 30s in %s",
			f->name, names, k->conf->shown);
}

/*
 * What we do not take, because it is no graphics card for example, libvirt takes from the
 * host by itself where the XML says so: what the host cannot do without, it must not.
 */
static void check_bound(struct check *k, const struct function *f)
{
	if (!k->conf->devices.present || taken_has(k->taken, &f->bdf) ||
	    !policy_libvirt_binds(k->guest, &f->bdf))
		return;
	check_claim(k, f);
	check_screen(k, f);
	check_use(k, f);
	check_vgpus(k, f);
}

void policy_check(const struct guest *g, const struct conf_vm *c,
		  const struct inventory *inv, const struct ledgers *others,
		  const struct taken *taken, struct findings *found)
{
	/* the most fundamental first: it is the one that the user of virsh reads */
	static void (*const checks[])(struct check *, const struct function *) = {
		check_iommu,  check_identity, check_model, check_claim,
		check_screen, check_use,      check_vgpus,
	};
	struct check k = { g, c, inv, others, taken, found };

	check_allowed(&k);
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		for (size_t n = 0; n < taken->n; n++)
			checks[i](&k, inventory_find(inv, &taken->bdf[n]));
	for (size_t i = 0; i < inv->n; i++)
		check_bound(&k, &inv->function[i]);
	for (size_t i = 0; i < inv->n; i++)
		check_member(&k, &inv->function[i]);
	for (size_t n = 0; n < taken->n; n++)
		check_holders(&k, inventory_find(inv, &taken->bdf[n]));
}
