/* SPDX-License-Identifier: GPL-2.0-or-later */
/* step.h - a step, a plan of steps, and what a kind of thing is */
#pragma once

#include "base.h"
#include "host.h"

#include <stdbool.h>
#include <stddef.h>

#define KIND_LEN 16
/* a unit name with its instance, a BDF with an attribute */
#define TARGET_LEN 96
/* "vfio-pci override=vfio-pci", a list of reset methods */
#define STATE_LEN 160
#define PLAN_MAX  1024 /* 64 cards of 4 functions, three attributes each */

/**
 * struct step - This named thing had value @from; for this VM it must have value @to
 * @kind:    Name of a kind
 * @target:  Which thing
 * @from:    Value before, given back afterwards
 * @to:      Value for the VM
 * @keep:    Not given back: it stays as it is after the VM (a VFIO driver's module,
 *           give-back = no)
 */
struct step {
	char kind[KIND_LEN];
	char target[TARGET_LEN];
	char from[STATE_LEN];
	char to[STATE_LEN];
	bool keep;
};

/**
 * step_is_clean() - Whether it has no control characters
 *
 * A tab or newline in a field would make a ledger that nobody can read, and others a line of
 * a log that a terminal obeys.
 */
bool step_is_clean(const struct step *s);

/**
 * struct plan - Steps in the order in which they are done; undone in the opposite order
 * @steps:   Owned
 * @n:       How many
 */
struct plan {
	struct step *steps;
	size_t n;
};

/**
 * plan_add() - Append a step; one whose @from and @to are the same is left out
 *
 * Return:   0, -ENOMEM, -ENAMETOOLONG a name or state does not fit, -E2BIG more than
 *           PLAN_MAX steps
 */
int plan_add(struct plan *p, const char *kind, const char *target, const char *from,
	     const char *to, bool keep) MUST_CHECK;

void plan_free(struct plan *p);

/**
 * struct kind - A sort of thing that can be set
 * @name:    As it stands in steps
 * @shared:  Whether several VMs may want the same target at once (a unit, a module, a
 *           console)
 * @apart:   Of what is shared: each target by itself may take long, and has a lock of its
 *           own; else one for all of the kind, because they depend on each other
 * @get:     What the target's state is now. 0 or -errno, -ENOENT no such target
 * @set:     Make it so, from any state; idempotent. Returns only when @get would agree,
 *           or with an error
 * @same:    Whether the state that was found is still the one that was set; NULL: the
 *           same text
 * @without: State of a target that lacks the module it needs, and
 * @any:     the one to give it back to then: what the kernel chooses, now or when the
 *           module comes. Which module it needs is not known, so each one that a VM has
 *           unloaded counts: a function without a driver is then left to the kernel, for
 *           whatever reason it had none. NULL: does not depend on modules
 * @remedy:  What a person can do about error @r of @set, part of a sentence, or NULL
 */
struct kind {
	const char *name;
	bool shared;
	bool apart;
	int (*get)(struct host *h, const char *target, char ret[static STATE_LEN]);
	int (*set)(struct host *h, const char *target, const char *state);
	bool (*same)(const char *want, const char *have);
	const char *without;
	const char *any;
	const char *(*remedy)(int r);
};

/**
 * kind_find() - Kind by name
 *
 * Return:   Borrowed, or NULL
 */
const struct kind *kind_find(const struct host *h, const char *name);
