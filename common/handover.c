// SPDX-License-Identifier: GPL-2.0-or-later
/* handover.c - a VM takes its devices, keeps them, and gives them back */

#include "handover.h"

#include "clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* how often holders are looked for while they are waited for: one look costs some ms */
/* libvirtd takes its VMs up again meanwhile, and a kernel that hangs would keep it */
#define VERIFY_MS 1000
#define POLL_MS   200

static int fill_ledger(struct ledger *l, const struct guest *g,
		       const struct conf_devices *c, const struct handover *p)
{
	const struct taken *taken = &p->taken;
	const struct plan *plan = &p->plan;
	int r = text_copy(l->uuid, sizeof(l->uuid), g->uuid);

	if (r == 0)
		r = text_copy(l->name, sizeof(l->name), g->name);
	l->deadline_ms = c->deadline_ms;
	l->claims = calloc(taken->n + 1, sizeof(*l->claims));
	l->steps = calloc(plan->n + 1, sizeof(*l->steps));
	if (!l->claims || !l->steps)
		return -ENOMEM;
	for (; l->n_claims < taken->n; l->n_claims++)
		bdf_format(&taken->bdf[l->n_claims], l->claims[l->n_claims]);
	for (; l->n_steps < plan->n; l->n_steps++)
		l->steps[l->n_steps].step = plan->steps[l->n_steps];
	return r;
}

static int publish(const struct host *h, const struct guest *g,
		   const struct conf_devices *c, const struct handover *p,
		   struct ledger *l, char ret_why[static WHY_LEN])
{
	int r;

	if (p->taken.n == 0 && p->plan.n == 0)
		return 0;
	r = fill_ledger(l, g, c, p);
	if (r == 0)
		r = ledger_create(h, l);
	if (r == -EINVAL)
		why(ret_why,
		    "the name '%s' cannot stand in a ledger: nothing was touched; rename the VM with virsh domrename",
		    g->name);
	else if (r < 0)
		why(ret_why,
		    "/run/virt-handoff/ledger/%s cannot be written (%s): nothing was touched%s",
		    g->uuid, strerror(-r), r == -ENOSPC ? "; make room in /run" : "");
	return r;
}

/* nothing is changed but the ledger, which is what others see of it */
static int consider(struct host *h, const struct guest *g, const struct conf_vm *c,
		    struct ledger *l, struct findings *found,
		    char ret_why[static WHY_LEN])
{
	CLEANUP(handover_free) struct handover p = { 0 };
	int r = handover_plan(h, g, c, &p, found, ret_why);

	return r < 0 ? r : publish(h, g, &c->devices, &p, l, ret_why);
}

static int consider_locked(struct host *h, const struct guest *g, const struct conf_vm *c,
			   const char *who, struct ledger *l, struct findings *found,
			   char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock vgpus = LOCK_NONE;
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	int r = 0;

	/* the boot helper may be making some, on all cards: that can take a minute */
	if (c->n_vgpus > 0)
		r = lock_take(h, LOCK_VGPUS, who, LOCK_VGPUS_WAIT_MS, &vgpus, ret_why);
	if (r == 0)
		r = lock_take(h, LOCK_HOST, who, LOCK_WAIT_MS, &lock, ret_why);

	*found = (struct findings){ 0 };
	if (r == -EBUSY)
		return -ETIME; /* -EBUSY says that somebody has a device open */
	return r < 0 ? r : consider(h, g, c, l, found, ret_why);
}

/* what was taken goes back at once: its ledger says how */
static void take_back(struct host *h, struct ledger *l, const struct report *rep,
		      char why_not[static WHY_LEN])
{
	char failed[WHY_LEN], unused[WHY_LEN];

	memcpy(failed, why_not, sizeof(failed));
	if (undo(h, l, rep, unused) < 0)
		why(why_not, "%s; not all could be put back, the next start tries again",
		    failed);
	else
		why(why_not, "%s; everything was put back", failed);
}

int handover_take(struct host *h, const struct guest *g, const struct conf_vm *c,
		  const struct report *rep, struct findings *found,
		  char ret_why[static WHY_LEN])
{
	CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
	uint64_t end = clock_ms() + c->devices.wait_ms;
	int r;

	h->deadline_ms = c->devices.deadline_ms;
	while ((r = consider_locked(h, g, c, rep->who, &l, found, ret_why)) == -EBUSY &&
	       clock_left(end) > 0) {
		r = rep->wait(ret_why, POLL_MS);
		if (r < 0)
			return r;
	}
	if (r < 0 || l.fd < 0)
		return r;
	r = apply(h, &l, rep, ret_why);
	if (r == 0 && rep->wait("", 0) < 0) {
		r = -ECANCELED;
		why(ret_why, "libvirt has gone away meanwhile");
	}
	if (r < 0)
		take_back(h, &l, rep, ret_why);
	return r;
}

int handover_give_back(struct host *h, const char *uuid, const struct report *rep,
		       char ret_why[static WHY_LEN])
{
	CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
	int r = ledger_open(h, uuid, &l, ret_why);

	if (r == -ENOENT) {
		r = ledger_forget(h, uuid);
		if (r < 0)
			why(ret_why,
			    "/run/virt-handoff: %s: this folder must belong to root and be writable",
			    strerror(-r));
		return r;
	}
	if (r < 0)
		return r;
	h->deadline_ms = l.deadline_ms;
	return undo(h, &l, rep, ret_why);
}

int handover_verify(struct host *h, const char *uuid,
		    void (*changed)(const struct step *s, const char *now),
		    char ret_why[static WHY_LEN])
{
	CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
	char now[STATE_LEN];
	int r = ledger_read(h, uuid, &l, ret_why);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	h->deadline_ms = VERIFY_MS;
	for (size_t i = 0; i < l.n_steps; i++) {
		const struct step *s = &l.steps[i].step;
		const struct kind *k = kind_find(h, s->kind);

		if (l.steps[i].state != LEDGER_DID || !k || k->get(h, s->target, now) < 0)
			continue;
		if (k->same ? !k->same(s->to, now) : strcmp(s->to, now) != 0)
			changed(s, now);
	}
	return 0;
}
