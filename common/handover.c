// SPDX-License-Identifier: GPL-2.0-or-later
/* handover.c - a VM takes its devices, keeps them, and gives them back */

#include "handover.h"

#include "clock.h"
#include "policy-boot.h"
#include "vms.h"
#include "wishes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* how often holders are looked for while they are waited for: one look costs some ms */
/* libvirtd takes its VMs up again meanwhile, and a kernel that hangs would keep it */
#define VERIFY_MS 1000
#define POLL_MS   200

static int fill_ledger(struct ledger *l, const struct guest *g,
		       const struct conf_devices *c, const struct taken *taken,
		       const struct plan *plan)
{
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
		   const struct conf_devices *c, const struct taken *taken,
		   const struct plan *plan, struct ledger *l,
		   char ret_why[static WHY_LEN])
{
	int r;

	if (taken->n == 0 && plan->n == 0)
		return 0;
	r = fill_ledger(l, g, c, taken, plan);
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
 */
struct sharing {
	const struct wishes *mine;
	const char *file;
	struct findings *found;
};

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
	for (size_t i = 0; i < s->mine->n; i++)
		if (wish_is_shared(&s->mine->wish[i], &theirs, why_not))
			findings_refuse(s->found, "%s", why_not);
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

static int place_vgpus(const struct host *h, const struct guest *g,
		       const struct conf_vm *c, const struct ledgers *others,
		       struct wishes *w, struct findings *found,
		       char ret_why[static WHY_LEN])
{
	struct conf_host host;
	int r = c->n_vgpus > 0 ? read_host(h, &host, ret_why) : 0;

	if (r < 0 || c->n_vgpus == 0)
		return r;
	r = wishes_add(w, c, g, WISH_ALL);
	if (r == 0)
		r = vms_each(h, is_shared, &(struct sharing){ w, c->shown, found });
	if (r < 0) {
		why(ret_why, "%s: %s", c->shown, strerror(-r));
		return r;
	}
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

/*
 * look, check and plan; nothing is changed but the ledger, which is what others see of it
 */
static int consider(struct host *h, const struct guest *g, const struct conf_vm *c,
		    struct ledger *l, struct findings *found,
		    char ret_why[static WHY_LEN])
{
	CLEANUP(ledgers_free) struct ledgers others = { 0 };
	CLEANUP(inventory_free) struct inventory inv = { 0 };
	CLEANUP(plan_free) struct plan plan = { 0 };
	CLEANUP(wishes_free) struct wishes wishes = { 0 };
	struct taken taken;
	int r = ledgers_read(h, g->uuid, &others, ret_why);

	if (r < 0)
		return r;
	r = policy_candidates(g, &c->devices, &taken);
	if (r == 0)
		r = inventory_read(h, taken.bdf, taken.n, &inv);
	if (r == 0)
		r = policy_choose(g, c, &inv, &taken, found);
	if (r == 0)
		r = inventory_look_closer(h, &inv, taken.bdf, taken.n);
	if (r < 0) {
		why(ret_why,
		    "the functions that %s asks for cannot be looked at (%s): %s",
		    c->shown, strerror(-r),
		    r == -E2BIG ? "these are too many, or one has too many nodes"
				: "are /sys and /proc mounted?");
		return r;
	}
	policy_check(g, c, &inv, &others, &taken, found);
	r = place_vgpus(h, g, c, &others, &wishes, found, ret_why);
	if (r == 0)
		r = refusal(found, ret_why);
	if (r < 0)
		return r;
	r = policy_plan(g, &c->devices, &inv, &taken, &plan);
	if (r == 0)
		r = plan_vgpus(&wishes, &plan);
	if (r < 0)
		why(ret_why, "%s asks for more than one VM can have at once (%s)",
		    c->shown, strerror(-r));
	if (r == 0)
		r = plan_observe(h, &others, &plan, ret_why);
	return r < 0 ? r : publish(h, g, &c->devices, &taken, &plan, l, ret_why);
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
		r = lock_take(h, LOCK_VGPUS, who, LOCK_WAIT_MS, &vgpus, ret_why);
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
