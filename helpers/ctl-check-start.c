// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-start.c - checks: what the hook itself would say to a start of each VM */

#include "ctl-check.h"

#include "handover.h"
#include "inventory.h"
#include "policy.h"
#include "wishes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Theory of operation
 *
 * One VM is tried by handover_plan(), as the hook does. That walks through /proc, and reads all
 * INI files where there are vGPUs; so when all VMs are asked for, those that do not run are
 * looked at together, and 64 of them cost one walk. Only when that fails, because these are
 * more functions than an inventory has room for, the VMs are halved. What is decided is the
 * same: by the functions of policy.h and wishes.h alone. Whether two VMs name one mediated
 * device is a check of its own then (ctl-check-vgpus.c).
 *
 * It is done before the checks, because many of them ask which functions a VM takes.
 */

enum { REFUSED, HELD, REMARK };

/* clang-format off */
static const struct check checks[] = {
	[REFUSED] = { "start-refused", CHECK_FAIL,
	  "virsh start would end with this sentence, and nothing would be touched",
	  CHECK_VM, NULL },
	[HELD] = { "start-held", CHECK_FAIL,
	  "a driver that is taken away from a card in use hangs for ever, so virsh start is refused",
	  CHECK_VM, NULL },
	[REMARK] = { "start-remark", CHECK_WARNING,
	  "virsh start would say this, and go on",
	  CHECK_VM, NULL },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_start = { "start", checks };

static void add_findings(struct checkup *x, const struct check_vm *v,
			 const struct findings *found)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct finding *f = &found->finding[i];
		int row = f->holder ? HELD : f->refuse ? REFUSED : REMARK;
		struct check_at at = { x, &checks[row], check_start.name, v, NULL };

		check_found(&at, "%s", f->text);
	}
}

static void add_failure(struct checkup *x, const struct check_vm *v, int error)
{
	struct findings found = { 0 };

	findings_refuse(&found, "the functions that %s asks for cannot be looked at: %s",
			v->vm.conf.shown,
			error == -E2BIG ? "these are too many" : strerror(-error));
	add_findings(x, v, &found);
}

/**
 * struct batch - VMs that are looked at together
 * @vm:      @n of them, borrowed
 * @inv:     Their functions
 * @found:   One for each
 */
struct batch {
	struct checkup *x;
	struct check_vm **vm;
	size_t n;
	struct inventory inv;
	struct findings *found;
};

static int collect(const struct batch *b, struct bdf **ret, size_t *ret_n)
{
	struct taken t;
	int r = 0;

	*ret = NULL;
	*ret_n = 0;
	for (size_t i = 0; i < b->n && r == 0; i++) {
		const struct vm *vm = &b->vm[i]->vm;
		struct bdf *more;

		r = policy_candidates(&vm->guest, &vm->conf.devices, &t);
		more = r < 0 ? NULL : reallocarray(*ret, *ret_n + t.n + 1, sizeof(*more));
		if (!more)
			return r < 0 ? r : -ENOMEM;
		*ret = more;
		memcpy(*ret + *ret_n, t.bdf, t.n * sizeof(*t.bdf));
		*ret_n += t.n;
	}
	return r;
}

static int look(struct batch *b)
{
	CLEANUP(free_ptr) struct bdf *all = NULL;
	size_t n;
	int r = collect(b, &all, &n);

	return r < 0 ? r : inventory_read(b->x->host, all, n, &b->inv);
}

/* what a start would take */
static int keep(struct check_vm *v, const struct taken *t)
{
	free(v->taken);
	v->taken = calloc(t->n + 1, sizeof(*v->taken));
	if (!v->taken)
		return -ENOMEM;
	memcpy(v->taken, t->bdf, t->n * sizeof(*t->bdf));
	v->n_taken = t->n;
	return 0;
}

static int choose(struct batch *b)
{
	struct taken t;
	int r = 0;

	for (size_t i = 0; i < b->n && r == 0; i++) {
		struct vm *vm = &b->vm[i]->vm;

		r = policy_choose(&vm->guest, &vm->conf, &b->inv, &t, &b->found[i]);
		if (r == 0)
			r = keep(b->vm[i], &t);
	}
	return r;
}

/* a VM that runs has its devices, and holds them */
static int look_closer(struct batch *b)
{
	CLEANUP(free_ptr) struct bdf *all = calloc(b->inv.n + 1, sizeof(*all));
	CLEANUP(free_ptr) bool *marked = calloc(b->inv.n + 1, sizeof(*marked));
	size_t n = 0;

	if (!all || !marked)
		return -ENOMEM;
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->vm[i]->n_taken && !b->vm[i]->running; k++) {
			const struct bdf *bdf = &b->vm[i]->taken[k];
			const struct function *f = inventory_find(&b->inv, bdf);

			if (f && !marked[f - b->inv.function])
				all[n++] = *bdf;
			if (f)
				marked[f - b->inv.function] = true;
		}
	return inventory_look_closer(b->x->host, &b->inv, all, n);
}

static bool is_of_vm(const struct ledger *l, const struct check_vm *v)
{
	return strcmp(l->uuid, v->vm.guest.uuid) == 0;
}

static void judge_places(struct batch *b, size_t i, const struct ledgers *others)
{
	CLEANUP(wishes_free) struct wishes w = { 0 };
	struct findings *found = &b->found[i];
	const struct vm *vm = &b->vm[i]->vm;
	char sentence[WHY_LEN] = "no memory";
	int r = wishes_add(&w, &vm->conf, &vm->guest, WISH_ALL);

	if (r == 0 && w.n > 0)
		r = wishes_place(b->x->host, &b->x->conf, others, &w, sentence);
	if (r < 0)
		findings_refuse(found, "%s", sentence);
	for (size_t k = 0; k < w.n && r == 0; k++) {
		if (w.place[k].kind == PLACE_REFUSED)
			findings_refuse(found, "%s", w.place[k].why);
		else if (wish_has_owner(b->x->host, &w.wish[k], &w.place[k], sentence))
			findings_remark(found, "%s", sentence);
	}
}

/* without the VM's own ledger, which a start takes back first */
static void judge(struct batch *b, size_t i)
{
	CLEANUP(free_ptr) struct ledger *list = NULL;
	struct check_vm *v = b->vm[i];
	const struct ledgers *all = &b->x->ledgers;
	struct ledgers others = { 0 };
	struct taken t = { .n = v->n_taken };

	list = calloc(all->n + 1, sizeof(*list));
	if (!list) {
		b->x->failed = true;
		return;
	}
	others.ledger = list;
	for (size_t k = 0; k < all->n; k++)
		if (!is_of_vm(&all->ledger[k], v))
			list[others.n++] = all->ledger[k];
	memcpy(t.bdf, v->taken, t.n * sizeof(*t.bdf));
	policy_check(&v->vm.guest, &v->vm.conf, &b->inv, &others, &t, &b->found[i]);
	judge_places(b, i, &others);
}

static int try_batch(struct batch *b);

static int try_half(const struct batch *b, size_t from, size_t n)
{
	struct batch half = {
		.x = b->x, .vm = b->vm + from, .n = n, .found = b->found + from
	};

	memset(half.found, 0, n * sizeof(*half.found));
	return try_batch(&half);
}

static int look_and_choose(struct batch *b)
{
	int r = look(b);

	if (r == 0)
		r = choose(b);
	return r < 0 ? r : look_closer(b);
}

static void decide(struct batch *b, int r)
{
	for (size_t i = 0; i < b->n; i++) {
		if (r < 0) {
			add_failure(b->x, b->vm[i], r);
		} else if (!b->vm[i]->running) {
			judge(b, i);
			add_findings(b->x, b->vm[i], &b->found[i]);
		}
	}
}

/* what cannot be looked at together, is looked at in halves: one VM's trouble is its own */
static int try_batch(struct batch *b)
{
	int r = look_and_choose(b);

	if (r == 0 || (r != -ENOMEM && b->n == 1))
		decide(b, r);
	inventory_free(&b->inv);
	if (r == -ENOMEM || r == 0 || b->n == 1)
		return r == -ENOMEM ? r : 0;
	r = try_half(b, 0, b->n / 2);
	return r < 0 ? r : try_half(b, b->n / 2, b->n - b->n / 2);
}

/* of the others it is only known what they could take: that of their hostdevs */
static int keep_candidates(struct check_vm *v)
{
	struct taken t;
	int r = policy_candidates(&v->vm.guest, &v->vm.conf.devices, &t);

	return r < 0 ? 0 : keep(v, &t);
}

static int try_all(struct checkup *x)
{
	CLEANUP(free_ptr) struct check_vm **vm = calloc(x->n_vms + 1, sizeof(*vm));
	CLEANUP(free_ptr) struct findings *found = calloc(x->n_vms + 1, sizeof(*found));
	struct batch b = { .x = x, .vm = vm, .found = found };

	if (!vm || !found)
		return -ENOMEM;
	for (size_t i = 0; i < x->n_vms; i++)
		if (x->vm[i].ini && x->vm[i].vm.defined)
			vm[b.n++] = &x->vm[i];
	return b.n ? try_batch(&b) : 0;
}

/* a VM that runs has what its ledger says, whatever its files say by now */
static int keep_claims(const struct checkup *x, struct check_vm *v)
{
	struct taken t = { .n = 0 };

	for (size_t i = 0; i < x->ledgers.n; i++) {
		const struct ledger *l = &x->ledgers.ledger[i];

		for (size_t k = 0; k < l->n_claims && is_of_vm(l, v); k++)
			if (t.n < INVENTORY_MAX &&
			    bdf_parse(l->claims[k], &t.bdf[t.n]) == 0)
				t.n++;
	}
	return keep(v, &t);
}

static int try_one(struct checkup *x)
{
	CLEANUP(handover_free) struct handover p = { 0 };
	struct check_vm *v = x->only;
	struct findings found = { 0 };
	char sentence[WHY_LEN];
	int r;

	for (size_t i = 0; i < x->n_vms; i++)
		if (&x->vm[i] != v && x->vm[i].ini && keep_candidates(&x->vm[i]) < 0)
			return -ENOMEM;
	if (v->running)
		return keep_claims(x, v);
	if (!v->ini || !v->vm.defined)
		return 0;
	r = handover_plan(x->host, &v->vm.guest, &v->vm.conf, &p, &found, sentence);
	if (r < 0 && !findings_refusal(&found))
		findings_refuse(&found, "%s", sentence);
	add_findings(x, v, &found);
	return keep(v, &p.taken);
}

int checkup_try(struct checkup *x)
{
	return x->only ? try_one(x) : try_all(x);
}
