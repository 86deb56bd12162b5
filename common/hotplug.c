// SPDX-License-Identifier: GPL-2.0-or-later
/* hotplug.c - a running VM takes a function more, or gives one back */

#include "hotplug.h"

#include "clock.h"
#include "file.h"
#include "hotplug-parts.h"
#include "inventory.h"
#include "policy.h"
#include "running.h"
#include "wishes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS 200 /* how often holders are looked for while they are waited for */

/**
 * struct plug - Functions that are plugged in
 * @guest:   The VM, with these as its only PCI hostdevs, which are owned
 * @conf:    Its INI file, without what it asks for at a start; nothing of it is owned
 */
struct plug {
	struct host *host;
	struct guest guest;
	struct conf_vm conf;
};

static void plug_free(struct plug *p)
{
	free(p->guest.hostdevs);
}

/* those of `also` need not be repeated in `allowed`, and are about to be forgotten */
static void keep_allowed(struct conf_devices *c)
{
	for (size_t i = 0; i < c->n_also && c->n_allowed < ARRAY_LEN(c->allowed); i++)
		c->allowed[c->n_allowed++] = c->also[i].bdf;
	c->n_also = 0;
}

static int plug_make(struct host *h, const struct guest *g, const struct conf_vm *c,
		     const struct bdf *b, size_t n, struct plug *p)
{
	int r;

	*p = (struct plug){ .host = h, .conf = *c };
	r = text_copy(p->guest.name, sizeof(p->guest.name), g->name);
	if (r == 0)
		r = text_copy(p->guest.uuid, sizeof(p->guest.uuid), g->uuid);
	p->guest.hostdevs = calloc(n, sizeof(*p->guest.hostdevs));
	if (r == 0 && !p->guest.hostdevs)
		r = -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		p->guest.hostdevs[p->guest.n_hostdevs++].bdf = b[i];
	p->conf.devices.present = true;
	p->conf.devices.take = CONF_TAKE_ALL;
	keep_allowed(&p->conf.devices);
	p->conf.n_vgpus = 0;
	return r;
}

/* the VM's own QEMU may have the group open already, by a function of it */
static void forget_own(const struct host *h, const char *vm, struct inventory *inv)
{
	char path[PATH_LEN], text[32];
	uint64_t pid;

	if (text_format(path, sizeof(path), "run/libvirt/qemu/%s.pid", vm) < 0 ||
	    file_read(h->root, path, text, sizeof(text)) <= 0 ||
	    text_number(text, INT32_MAX, &pid) < 0)
		return;
	for (size_t i = 0; i < inv->n; i++) {
		struct function *f = &inv->function[i];
		size_t left = 0;

		for (size_t k = 0; k < f->n_holders; k++)
			if (f->holders[k].pid != (pid_t)pid)
				f->holders[left++] = f->holders[k];
		f->n_holders = left;
	}
}

static void check_sort(const struct function *f, struct findings *found)
{
	if (f && (f->vgpu || (f->vf && f->mdev)))
		findings_refuse(
			found,
			"%s is a virtual function that NVIDIA's driver keeps for vGPUs: write [vgpu NAME] into the INI file, and give it to a VM that is off",
			f->name);
	else if (f && function_is_bridge(f))
		findings_refuse(found, "%s is a bridge: no VM can have it", f->name);
}

static int refusal(const struct findings *found, char ret_why[static WHY_LEN])
{
	const struct finding *first = findings_refusal(found);

	if (!first)
		return 0;
	why(ret_why, "%s", first->text);
	return findings_only_holders(found) ? -EBUSY : -EPERM;
}

static int look(struct plug *p, const struct ledgers *others, struct inventory *inv,
		struct taken *taken, struct findings *found, char ret_why[static WHY_LEN])
{
	struct host *h = p->host;
	int r = policy_candidates(&p->guest, &p->conf.devices, taken);

	if (r == 0)
		r = inventory_read(h, taken->bdf, taken->n, inv);
	if (r == 0)
		r = policy_choose(&p->guest, &p->conf, inv, taken, found);
	if (r == 0)
		r = inventory_look_closer(h, inv, taken->bdf, taken->n);
	if (r < 0) {
		why(ret_why,
		    "the function cannot be looked at (%s): are /sys and /proc mounted?",
		    strerror(-r));
		return r;
	}
	forget_own(h, p->guest.name, inv);
	wishes_name_made(h, inv);
	for (size_t i = 0; i < p->guest.n_hostdevs; i++)
		check_sort(inventory_find(inv, &p->guest.hostdevs[i].bdf), found);
	policy_check(&p->guest, &p->conf, inv, others, taken, found);
	return refusal(found, ret_why);
}

int hotplug_judge(struct host *h, const struct guest *g, const struct conf_vm *c,
		  const struct bdf *b, size_t n, struct findings *found,
		  char ret_why[static WHY_LEN])
{
	CLEANUP(ledgers_free) struct ledgers others = { 0 };
	CLEANUP(inventory_free) struct inventory inv = { 0 };
	CLEANUP(plug_free) struct plug p;
	struct taken taken = { .n = 0 };
	int r = plug_make(h, g, c, b, n, &p);

	*found = (struct findings){ 0 };
	if (r == 0)
		r = ledgers_read(h, g->uuid, &others, ret_why);
	return r < 0 ? r : look(&p, &others, &inv, &taken, found, ret_why);
}

static int write_down(const struct plug *p, const struct taken *taken,
		      const struct plan *plan, struct ledger *l,
		      char ret_why[static WHY_LEN])
{
	bool new = l->fd < 0;
	int r = extend_ledger(p->host, taken, plan, l);

	if (r == 0 && new) {
		memcpy(l->uuid, p->guest.uuid, sizeof(l->uuid));
		memcpy(l->name, p->guest.name, sizeof(l->name));
		l->deadline_ms = p->conf.devices.deadline_ms;
	}
	if (r == 0)
		r = new ? ledger_create(p->host, l) : ledger_replace(p->host, l);
	if (r < 0)
		why(ret_why,
		    "/run/virt-handoff/ledger/%s cannot be written (%s): nothing was touched%s",
		    p->guest.uuid, strerror(-r),
		    r == -ENOSPC ? "; make room in /run" : "");
	return r;
}

/* under the host's lock, until the claims are there for all to see */
static int consider(struct plug *p, const char *who, struct ledger *l,
		    struct findings *found, char ret_why[static WHY_LEN])
{
	CLEANUP(ledgers_free) struct ledgers others = { 0 };
	CLEANUP(inventory_free) struct inventory inv = { 0 };
	CLEANUP(plan_free) struct plan plan = { 0 };
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	struct taken taken = { .n = 0 };
	int r = lock_take(p->host, LOCK_HOST, who, LOCK_WAIT_MS, &lock, ret_why);

	*found = (struct findings){ 0 };
	if (r < 0)
		return r == -EBUSY ? -ETIME
				   : r; /* -EBUSY: somebody has the device open */
	r = ledgers_read(p->host, p->guest.uuid, &others, ret_why);
	if (r == 0)
		r = look(p, &others, &inv, &taken, found, ret_why);
	if (r < 0)
		return r;
	r = policy_plan(&p->guest, &p->conf.devices, &inv, &taken, &plan);
	if (r < 0)
		why(ret_why, "%s: %s", p->conf.shown, strerror(-r));
	if (r == 0)
		r = plan_observe(p->host, &others, &plan, ret_why);
	return r < 0 ? r : write_down(p, &taken, &plan, l, ret_why);
}

/* 1: the VM has it; 0: it has not, and nothing is half way; or -errno */
static int settle(struct plug *p, const struct report *rep, struct ledger *l,
		  char ret_why[static WHY_LEN])
{
	CLEANUP(inventory_free) struct inventory inv = { 0 };
	char name[BDF_LEN];
	struct members m = { .n = 0 };
	int r = ledger_open(p->host, p->guest.uuid, l, ret_why);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	bdf_format(&p->guest.hostdevs[0].bdf, name);
	if (!claims_function(l, name))
		return 0;
	r = inventory_read(p->host, &p->guest.hostdevs[0].bdf, 1, &inv);
	if (r == 0)
		r = members_find(&inv, l, &p->guest.hostdevs[0].bdf, &m);
	if (r == 0 && members_are_settled(l, &m))
		return 1;
	/* its group may be the VM's by another function */
	if (r == 0)
		r = members_check_closed(p->host, &m, ret_why);
	if (r == 0)
		r = members_undo(p->host, l, &m, rep, ret_why);
	ledger_free(l);
	if (r == 0)
		r = ledger_open(p->host, p->guest.uuid, l, ret_why);
	return r == -ENOENT ? 0 : r;
}

static void take_back(struct plug *p, const struct report *rep,
		      char why_not[static WHY_LEN])
{
	char failed[WHY_LEN], sentence[WHY_LEN], kept[BDF_LEN];
	struct guest without = p->guest;

	memcpy(failed, why_not, sizeof(failed));
	without.n_hostdevs = 0;
	if (hotplug_give_back(p->host, &without, &p->guest.hostdevs[0].bdf, rep, kept,
			      sentence) < 0)
		why(why_not, "%s; not all could be put back: %s", failed, sentence);
	else
		why(why_not, "%s; everything was put back", failed);
}

int hotplug_take(struct host *h, const struct guest *g, const struct conf_vm *c,
		 const struct bdf *b, const struct report *rep, struct findings *found,
		 char ret_why[static WHY_LEN])
{
	CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
	uint64_t end = clock_ms() + c->devices.wait_ms;
	CLEANUP(plug_free) struct plug p;
	int r = plug_make(h, g, c, b, 1, &p);

	*found = (struct findings){ 0 };
	h->deadline_ms = c->devices.deadline_ms;
	if (r == 0)
		r = settle(&p, rep, &l, ret_why);
	if (r != 0)
		return r < 0 ? r : 0;
	while ((r = consider(&p, rep->who, &l, found, ret_why)) == -EBUSY &&
	       clock_left(end) > 0) {
		r = rep->wait(ret_why, POLL_MS);
		/* its release waits for the lock that is held here */
		if (r == 0 && !running_vm_seen(h, g->name)) {
			why(ret_why, "%s has stopped meanwhile: nothing was touched",
			    g->name);
			r = -ECANCELED;
		}
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	r = apply(h, &l, rep, ret_why);
	if (r < 0)
		take_back(&p, rep, ret_why);
	return r;
}
