/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hotplug.h - a running VM takes a function more, or gives one back */
#pragma once

#include "base.h"
#include "apply.h"
#include "bdf.h"
#include "conf.h"
#include "findings.h"
#include "guest.h"
#include "host.h"

#include <stdbool.h>

/*
 * Theory of operation
 *
 * libvirt runs no hook when a device is plugged in. So whoever tells libvirt to do it does
 * the hand-over first, by the same checks and steps as at a start, in the same ledger:
 * when the VM stops, release gives all of it back.
 *
 * What goes along with a function are the other functions of its card, and those of their
 * IOMMU groups that the ledger claims. VFIO has them together or not at all: they are
 * taken together and given back when the VM has none of them any more. What belongs to no
 * function, such as a unit that was stopped, is given back with the last one.
 *
 * The ledger is replaced as a whole before anything is touched. Killed at any point, the
 * VM has the function in its ledger, whatever its state, or it has not been touched; the
 * next take or give-back of it, and release, go on from there.
 *
 * The VM's lock is held by the caller, and must not be held while libvirt is asked: a VM
 * that stops holds libvirt's lock and waits for ours.
 */

/**
 * hotplug_judge() - Whether a VM could be given some functions together, and what speaks
 * against it
 * @g:       Name and UUID are read
 * @c:       Its INI file: which functions it asks for itself does not count here
 * @b:       @n functions
 * @found:   All that was found
 * @ret_why: One sentence on failure
 *
 * Nothing is touched, and no lock is taken.
 *
 * Return:   0, -EPERM something speaks against it, -EBUSY somebody has it open; -errno
 */
int hotplug_judge(struct host *h, const struct guest *g, const struct conf_vm *c,
		  const struct bdf *b, size_t n, struct findings *found,
		  char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * hotplug_take() - Give a running VM a function, and what goes along with it
 * @g, @c:   As hotplug_judge(); @b is one function
 * @rep:     Told of each step
 *
 * The VM's lock is held. Done again it does nothing. When a step fails, all is put back as
 * far as it can be.
 *
 * Return:   As hotplug_judge(), -ECANCELED the VM stopped while the function was waited for,
 *           or -errno of a step
 */
int hotplug_take(struct host *h, const struct guest *g, const struct conf_vm *c,
		 const struct bdf *b, const struct report *rep, struct findings *found,
		 char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * hotplug_give_back() - Put a function back, and what goes along with it
 * @g:       The VM as it runs: it does not have @b any more
 * @rep:     Told of each step
 * @ret_kept: "", or a function that goes along and that the VM still has: all stays until
 *           that one has gone too
 * @ret_why: One sentence on failure
 *
 * The VM's lock is held. A function that is open, by whatever process, is not touched.
 *
 * Return:   0, also when the VM had not taken it; -EBUSY it is open; or -errno
 */
int hotplug_give_back(struct host *h, const struct guest *g, const struct bdf *b,
		      const struct report *rep, char ret_kept[static BDF_LEN],
		      char ret_why[static WHY_LEN]) MUST_CHECK;
