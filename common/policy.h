/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.h - what a VM takes, whether it may, and in which order */
#pragma once

#include "base.h"
#include "bdf.h"
#include "conf.h"
#include "findings.h"
#include "guest.h"
#include "inventory.h"
#include "ledger.h"
#include "step.h"

#include <stdbool.h>

/**
 * struct taken - The functions that a VM takes, sorted by address
 * @bdf:     @n of them
 */
struct taken {
	struct bdf bdf[INVENTORY_MAX];
	size_t n;
};

/**
 * taken_has() - Whether a function is taken
 */
bool taken_has(const struct taken *t, const struct bdf *b);

/**
 * policy_candidates() - The functions that a VM could take: the host must be looked at
 * for these
 * @ret:     Those of the XML and of the INI file
 *
 * Return:   0 or -E2BIG
 */
int policy_candidates(const struct guest *g, const struct conf_devices *c,
		      struct taken *ret) MUST_CHECK;

/**
 * policy_choose() - Which functions are taken
 * @inv:     The candidates were looked at
 * @ret:     Filled
 * @found:   What is asked for and not there is added
 *
 * Return:   0 or -E2BIG
 */
int policy_choose(const struct guest *g, const struct conf_vm *c,
		  const struct inventory *inv, struct taken *ret,
		  struct findings *found) MUST_CHECK;

/**
 * policy_libvirt_binds() - Whether libvirt itself brings a function to VFIO for a VM
 */
bool policy_libvirt_binds(const struct guest *g, const struct bdf *b);

/**
 * policy_touched() - The functions that the host loses: by us, or by libvirt itself
 * @inv:     The candidates were looked at
 * @taken:   What we take
 * @ret:     Those, and others that libvirt binds, not sorted
 *
 * Return:   0 or -E2BIG
 */
int policy_touched(const struct guest *g, const struct inventory *inv,
		   const struct taken *taken, struct taken *ret) MUST_CHECK;

/**
 * policy_check() - Everything that speaks against a hand-over, before anything is touched
 * @inv:     The functions of policy_touched() were looked at closely
 * @others:  Ledgers of the other VMs
 * @found:   Reasons are added
 */
void policy_check(const struct guest *g, const struct conf_vm *c,
		  const struct inventory *inv, const struct ledgers *others,
		  const struct taken *taken, struct findings *found);

/**
 * policy_odd_model() - What the domain XML calls the VFIO driver of a function, if that
 * cannot be one
 *
 * The XML may be a tenant's: root loads a module of that name, so it can be that of a VFIO
 * driver alone, and no path.
 *
 * Return:   Borrowed, or NULL: it says nothing, or the name of a VFIO driver
 */
const char *policy_odd_model(const struct guest *g, const struct bdf *b);

/**
 * policy_driver() - The VFIO driver of one function, and its module
 * @f:       Was looked at closely
 *
 * What the INI file says, else what the domain XML says, else the best that there is.
 *
 * Return:   0 or -ENAMETOOLONG
 */
int policy_driver(const struct guest *g, const struct conf_devices *c,
		  const struct function *f, char driver[static MODULE_LEN],
		  char module[static MODULE_LEN]) MUST_CHECK;

/**
 * policy_plan() - What is done, in order
 * @plan:    Filled; @from of each step is empty, because only the kinds know it
 *
 * Units first, because they hold devices; then the console and the modules on top of a
 * driver; then the module that is going to drive; attributes; drivers; last the modules
 * that drove. Undone in the opposite order.
 *
 * Return:   0, -ENOMEM, -E2BIG, -ENAMETOOLONG
 */
int policy_plan(const struct guest *g, const struct conf_devices *c,
		const struct inventory *inv, const struct taken *taken,
		struct plan *plan) MUST_CHECK;
