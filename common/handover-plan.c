// SPDX-License-Identifier: GPL-2.0-or-later
/* handover-plan.c - look, check and plan: what a start of a VM does, or why it does not */

#include "handover.h"

#include "policy-boot.h"
#include "vms.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int refusal(const struct findings *found, char ret_why[static WHY_LEN])
{
	const struct finding *f = findings_refusal(found);

	if (!f)
		return 0;
	why(ret_why, "%s", f->text);
	return findings_only_holders(found) ? -EBUSY : -EPERM;
}

static int read_host(const struct host *h, struct conf_host *ret,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd)
	int dir = openat(h->root, "etc/virt-handoff", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		return conf_host_read(dir, ret, ret_why);
	why(ret_why, "/etc/virt-handoff cannot be opened: %s", strerror(errno));
	return -errno;
}

/**
 * struct sharing - Whether other VMs ask for the same mediated devices
 * @guest:   Who starts
 * @mine:    What its file asks for
 * @file:    How that is called
 */
struct sharing {
	const struct guest *guest;
	const struct wishes *mine;
	const char *file;
	struct findings *found;
};

/*
 * The XML may be a tenant's, and name the device of another VM: libvirt would give it to
 * him as long as that VM is off, whether his own file asks for vGPUs or not.
 */
static void check_foreign(const struct sharing *s, const struct wishes *theirs)
{
	for (size_t i = 0; i < s->guest->n_mdevs; i++) {
		const char *uuid = s->guest->mdevs[i].uuid;
		const struct wish *o = wishes_uuid(theirs, uuid);

		if (o && !wishes_uuid(s->mine, uuid))
			findings_refuse(
				s->found,
				"the mediated device %s, a hostdev of %s, is that of %s:%u: take it out of the domain XML with virsh edit",
				uuid, s->guest->name, o->file, o->conf->line);
	}
}

/* with allowed, what is in no file is not free to be named either */
static void check_allowed(const struct sharing *s, const struct conf_devices *c)
{
	for (size_t i = 0; c->restricted && i < s->guest->n_mdevs; i++) {
		const char *uuid = s->guest->mdevs[i].uuid;

		if (!wishes_uuid(s->mine, uuid))
			findings_refuse(
				s->found,
				"the mediated device %s, a hostdev of %s, is that of no [vgpu] in %s, which has allowed: take it out of the domain XML with virsh edit, or add a [vgpu] with that uuid",
				uuid, s->guest->name, s->file);
	}
}

/* ours by the INI file, theirs only by their XML: he who may edit that must not keep us off */
static bool wins(const struct wish *w, const struct wishes *theirs)
{
	const struct wish *o = wishes_uuid(theirs, w->uuid);

	return w->conf->uuid[0] && o && !o->conf->uuid[0];
}

static int is_shared(struct vm *vm, const char *sentence, void *data)
{
	CLEANUP(wishes_free) struct wishes theirs = { 0 };
	const struct sharing *s = data;
	char why_not[WHY_LEN];

	(void)sentence; /* what is wrong with another VM's files is its own affair */
	if (!vm || strcmp(vm->conf.shown, s->file) == 0)
		return 0;
	if (wishes_add(&theirs, &vm->conf, vm->defined ? &vm->guest : NULL, WISH_ALL) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < s->mine->n; i++) {
		const struct wish *w = &s->mine->wish[i];

		if (wish_is_shared(w, &theirs, why_not) && !wins(w, &theirs))
			findings_refuse(s->found, "%s", why_not);
	}
	check_foreign(s, &theirs);
	return 0;
}

static void judge_places(const struct host *h, const struct wishes *w,
			 struct findings *found)
{
	char sentence[WHY_LEN];

	for (size_t i = 0; i < w->n; i++) {
		if (w->place[i].kind == PLACE_REFUSED)
			findings_refuse(found, "%s", w->place[i].why);
		else if (wish_has_owner(h, &w->wish[i], &w->place[i], sentence))
			findings_remark(found, "%s", sentence);
	}
}

static int place_vgpus(struct host *h, const struct guest *g, const struct conf_vm *c,
		       const struct ledgers *others, struct wishes *w,
		       struct findings *found, char ret_why[static WHY_LEN])
{
	struct sharing s = { g, w, c->shown, found };
	struct conf_host host;
	int r = c->n_vgpus > 0 ? read_host(h, &host, ret_why) : 0;

	if (r < 0 || (c->n_vgpus == 0 && g->n_mdevs == 0))
		return r;
	r = wishes_add(w, c, g, WISH_ALL);
	if (r == 0)
		r = vms_each(h, is_shared, &s);
	if (r < 0)
		why(ret_why, "%s: %s", c->shown, strerror(-r));
	if (r == 0)
		check_allowed(&s, &c->devices);
	if (r < 0 || c->n_vgpus == 0)
		return r;
	r = wishes_place(h, &host, others, w, ret_why);
	if (r == 0)
		judge_places(h, w, found);
	return r;
}

/* what was made at boot stays after the VM, also when it has to be made again */
static int plan_vgpus(const struct wishes *w, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; i < w->n && r == 0; i++)
		r = policy_vgpu(&w->place[i], w->wish[i].conf->at_boot, plan);
	return r;
}

static int look(struct host *h, const struct guest *g, const struct conf_vm *c,
		struct handover *p, struct findings *found, char ret_why[static WHY_LEN])
{
	struct taken touched;
	int r = policy_candidates(g, &c->devices, &p->taken);

	if (r == 0)
		r = inventory_read(h, p->taken.bdf, p->taken.n, &p->inv);
	if (r == 0)
		r = policy_choose(g, c, &p->inv, &p->taken, found);
	if (r == 0)
		r = policy_touched(g, &p->inv, &p->taken, &touched);
	if (r == 0) /* without [devices] nothing is checked either */
		r = inventory_look_closer(h, &p->inv, touched.bdf,
					  c->devices.present ? touched.n : 0);
	wishes_name_made(h, &p->inv);
	if (r < 0)
		why(ret_why,
		    "the functions that %s asks for cannot be looked at (%s): %s",
		    c->shown, strerror(-r),
		    r == -E2BIG ? "these are too many, or one has too many nodes"
				: "are /sys and /proc mounted?");
	return r;
}

static int plan(struct host *h, const struct guest *g, const struct conf_vm *c,
		const struct ledgers *others, struct handover *p,
		char ret_why[static WHY_LEN])
{
	int r = policy_plan(g, &c->devices, &p->inv, &p->taken, &p->plan);

	if (r == 0)
		r = plan_vgpus(&p->wishes, &p->plan);
	if (r < 0)
		why(ret_why, "%s asks for more than one VM can have at once (%s)",
		    c->shown, strerror(-r));
	return r < 0 ? r : plan_observe(h, others, &p->plan, ret_why);
}

int handover_plan(struct host *h, const struct guest *g, const struct conf_vm *c,
		  struct handover *p, struct findings *found,
		  char ret_why[static WHY_LEN])
{
	CLEANUP(ledgers_free) struct ledgers others = { 0 };
	int r = ledgers_read(h, g->uuid, &others, ret_why);

	h->deadline_ms = c->devices.deadline_ms;
	if (r == 0)
		r = look(h, g, c, p, found, ret_why);
	if (r < 0)
		return r;
	policy_check(g, c, &p->inv, &others, &p->taken, found);
	r = place_vgpus(h, g, c, &others, &p->wishes, found, ret_why);
	if (r == 0)
		r = refusal(found, ret_why);
	return r < 0 ? r : plan(h, g, c, &others, p, ret_why);
}

void handover_free(struct handover *p)
{
	inventory_free(&p->inv);
	wishes_free(&p->wishes);
	plan_free(&p->plan);
	*p = (struct handover){ 0 };
}
