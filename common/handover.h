/* SPDX-License-Identifier: GPL-2.0-or-later */
/* handover.h - a VM takes its devices, keeps them, and gives them back */
#pragma once

#include "base.h"
#include "apply.h"
#include "conf.h"
#include "guest.h"
#include "host.h"
#include "policy.h"
#include "wishes.h"

/**
 * struct handover - What a start of a VM does to devices
 * @taken:   Functions that it takes; nobody else can have them then
 * @inv:     They, their slots and groups, as they were looked at
 * @wishes:  The vGPUs that it asks for, each with its place; they borrow the INI file and
 *           the domain XML
 * @plan:    Steps, in order
 */
struct handover {
	struct taken taken;
	struct inventory inv;
	struct wishes wishes;
	struct plan plan;
};

/**
 * handover_plan() - Look, check and plan: what handover_take() would do
 * @h:       Host with kinds; the deadline of its INI file is set in it
 * @ret:     Empty before; filled as far as it came, owned by the caller also on failure,
 *           handover_free(). Without a plan unless 0 is returned
 * @found:   All that was found is added
 * @ret_why: One sentence on failure
 *
 * Nothing is touched or locked: what is seen may change until the VM is started. What an
 * earlier start of the same VM left behind counts as it is now.
 *
 * Return:   0, -EPERM a check speaks against it, -EBUSY somebody has a device open, or
 *           -errno
 */
int handover_plan(struct host *h, const struct guest *g, const struct conf_vm *c,
		  struct handover *ret, struct findings *found,
		  char ret_why[static WHY_LEN]) MUST_CHECK;

void handover_free(struct handover *p);

/**
 * handover_take() - Give a VM the devices that its INI file asks for
 * @h:       Host with kinds and a run folder
 * @g:       The VM
 * @c:       Its INI file
 * @rep:     Told of each step
 * @found:   All that was found, also when nothing speaks against it
 * @ret_why: One sentence on failure
 *
 * The VM has no ledger and its lock is held. Nothing is touched when a check speaks
 * against it; when a step fails, everything is put back as far as it can be.
 *
 * Return:   0, -EPERM a check speaks against it, -EBUSY somebody has a device open, or
 *           -errno
 */
int handover_take(struct host *h, const struct guest *g, const struct conf_vm *c,
		  const struct report *rep, struct findings *found,
		  char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * handover_give_back() - Put back what a VM had
 * @uuid:    The VM; its lock is held
 * @rep:     Told of each step
 * @ret_why: One sentence on failure
 *
 * Return:   0, also when it had nothing; or -errno
 */
int handover_give_back(struct host *h, const char *uuid, const struct report *rep,
		       char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * handover_verify() - Whether the host still is as the ledger of a running VM says
 * @uuid:    The VM
 * @changed: Called for each step whose target was changed by somebody else, with what
 *           is there now
 * @ret_why: One sentence on failure
 *
 * Return:   0, also when it had nothing; or -errno
 */
int handover_verify(struct host *h, const char *uuid,
		    void (*changed)(const struct step *s, const char *now),
		    char ret_why[static WHY_LEN]) MUST_CHECK;
