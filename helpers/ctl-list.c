// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-list.c - virt-handoff list: what this host has, and which VM has it */

#include "ctl-list.h"

#include "domain.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VM_SHOWN 16

static int add(struct owners *s, const char *id, const char *vm, bool has)
{
	struct owner new = { .has = has }, *more;

	if (text_copy(new.id, sizeof(new.id), id) < 0)
		return 0;
	/* by doubling: a power of two is full */
	if (!(s->n & (s->n - 1))) {
		more = reallocarray(s->owner, s->n ? 2 * s->n : 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->owner = more;
	}
	new.vm = strdup(vm);
	if (!new.vm)
		return -ENOMEM;
	s->owner[s->n++] = new;
	return 0;
}

static int add_status(struct owners *s, const struct status_vm *vm)
{
	int r = 0;

	for (size_t i = 0; i < vm->ledger.n_claims && r == 0; i++)
		r = add(s, vm->ledger.claims[i], vm->name, true);
	for (size_t i = 0; i < vm->n_vgpus && r == 0; i++)
		if (vm->vgpu[i].id[0])
			r = add(s, vm->vgpu[i].id, vm->name, true);
	return r;
}

static int add_domain(struct domain *d, const char *sentence, void *data)
{
	struct owners *s = data;
	char name[BDF_LEN];
	int r = 0;

	(void)sentence; /* virt-handoff check says what is wrong with a file */
	for (size_t i = 0; d && i < d->guest.n_hostdevs && r == 0; i++) {
		bdf_format(&d->guest.hostdevs[i].bdf, name);
		r = add(s, name, d->guest.name, false);
	}
	for (size_t i = 0; d && i < d->guest.n_mdevs && r == 0; i++)
		r = add(s, d->guest.mdevs[i].uuid, d->guest.name, false);
	return r;
}

static int by_id(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (order == 0)
		order = y->has - x->has;
	return order ?: strcmp(x->vm, y->vm);
}

int owners_read(struct ctl *c, struct owners *ret, char ret_why[static WHY_LEN])
{
	struct owners all = { 0 };
	struct status s;
	int r = status_read(c, &s, ret_why);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s.n && r == 0; i++)
		r = add_status(&all, &s.vm[i]);
	status_free(&s);
	if (r == 0)
		r = domains_each(c, add_domain, &all);
	if (r < 0) {
		why(ret_why, "/etc/libvirt/qemu: %s", strerror(-r));
		owners_free(&all);
		return r;
	}
	if (all.n)
		qsort(all.owner, all.n, sizeof(*all.owner), by_id);
	*ret = all;
	return 0;
}

const struct owner *owners_find(const struct owners *s, const char *id)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(s->owner[mid].id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n && strcmp(s->owner[low].id, id) == 0 ? &s->owner[low] : NULL;
}

const char *owner_shown(const struct owner *o, char ret[static NAME_LEN])
{
	char name[NAME_LEN];

	snprintf(ret, NAME_LEN,
		 !o       ? "-"
		 : o->has ? "%.*s"
			  : "(%.*s)",
		 NAME_LEN - 3, o ? status_cut(o->vm, VM_SHOWN, name) : "");
	return ret;
}

void owner_put(const struct owner *o, struct out *out)
{
	out_text(out, "vm", o && o->has ? o->vm : NULL);
	out_text(out, "named_by", o && !o->has ? o->vm : NULL);
}

void owners_free(struct owners *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->owner[i].vm);
	free(s->owner);
	*s = (struct owners){ 0 };
}

void list_warn_silent(const struct vgpus *v)
{
	for (size_t i = 0; i < v->n_cards; i++)
		if (v->card[i].silent)
			log_warning(
				"%s: the driver %s does not answer when it is asked for its types: look at dmesg",
				v->card[i].name, v->card[i].driver);
}

static const struct ctl_verb kinds_of_things[] = {
	{ "gpus", "", "cards, with group, node, driver and VM", ctl_list_gpus },
	{ "vgpus", "[--cloudpods]", "vGPUs that there are, with type, card and VM",
	  ctl_list_vgpus },
	{ "types", "", "types of vGPU, and how many more of each fit", ctl_list_types },
	{ "ports", "", "ports of this host that lead to VMs", ctl_list_ports },
	{ 0 },
};

int ctl_list(struct ctl *c, int argc, char *argv[])
{
	return ctl_run(c, kinds_of_things, "virt-handoff list", argc, argv);
}
