/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-act.h - what the verbs that change the host share: reports, locks, arguments */
#pragma once

#include "apply.h"
#include "base.h"
#include "ctl.h"
#include "findings.h"
#include "forwarding.h"
#include "lock.h"

#include <stdbool.h>

/**
 * act_begin() - Whether something may be changed: on this host, by root; makes the run
 * folder
 * @verb:    For the sentence
 *
 * Return:   0, or -errno, which was said
 */
int act_begin(struct ctl *c, const char *verb) MUST_CHECK;

/* Each step is said; waiting is said once */
extern const struct report act_report;
extern const struct forwarding_report act_forwarding;

/**
 * act_say() - Say all that was found, but the first reason to refuse
 *
 * That one is the sentence that the caller says.
 */
void act_say(const struct findings *f);

/**
 * act_vm_runs() - Whether a VM runs, or may run, by libvirt's folder of running VMs
 */
bool act_vm_runs(const struct host *h, const char *vm);

/**
 * act_lock() - Take the lock of a VM
 * @ret_why: One sentence on failure
 */
int act_lock(struct ctl *c, const char *uuid, struct lock *l,
	     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * act_lock_idle() - Take the lock of a VM that does not run, and is not being started
 * @ret_why: One sentence on failure
 *
 * libvirt is asked before, so its lock must not be held by who calls.
 *
 * Return:   0, -EBUSY it runs, or starts; or -errno
 */
int act_lock_idle(struct ctl *c, const char *vm, const char *uuid, struct lock *l,
		  char ret_why[static WHY_LEN]) MUST_CHECK;
