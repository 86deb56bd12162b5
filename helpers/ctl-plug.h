/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-plug.h - inside ctl-attach.c and ctl-detach.c: a running VM, and one function */
#pragma once

#include "ctl.h"
#include "virt.h"

#include "base.h"
#include "bdf.h"
#include "guest.h"
#include "lock.h"

#include <stdbool.h>

/*
 * Two locks: the one of the VM, as at a start, only while the ledger or the host are
 * changed, because a VM that stops has libvirt's lock and waits for ours; and one of our
 * own, PLUG, for the whole of it, so that two of these verbs do not meet.
 */

/**
 * struct plugging - One attach or detach
 * @virt:    Owned, NULL: there is no connection
 * @guest:   Owned. The VM as it runs
 * @id:      libvirt's number of this run of it, 0: it does not run
 * @name:    The function
 * @lock:    PLUG
 * @why:     One sentence, after a failure of what is below
 */
struct plugging {
	struct ctl *c;
	struct virt *virt;
	struct guest guest;
	unsigned int id;
	struct bdf bdf;
	char name[BDF_LEN];
	struct lock lock;
	char why[WHY_LEN];
};

/**
 * plug_begin() - Find the VM, which must run, and take PLUG
 * @p:       @c is set, @lock is LOCK_NONE; plug_end() by the caller, also on failure
 * @verb:    For a sentence
 * @address: Of the function
 *
 * Return:   0, or -errno, which was said
 */
int plug_begin(struct plugging *p, const char *verb, const char *vm,
	       const char *address) MUST_CHECK;

/* Release; for CLEANUP() */
void plug_end(struct plugging *p);

/**
 * plug_read() - Read the VM as it is now, over a new connection if the daemon has gone
 * @vm:      Name or UUID
 *
 * Return:   0, also when it does not run; -ENOENT there is no such VM, or -errno
 */
int plug_read(struct plugging *p, const char *vm) MUST_CHECK;

/**
 * plug_has() - Whether the VM has the function, when it was read last
 */
bool plug_has(const struct plugging *p);

/**
 * plug_has_come() - Whether this run of the VM has the function now, after all
 *
 * An attach that was killed may have asked libvirt, which goes on: then the VM has it now,
 * and what libvirt has refused is only to plug it in twice. @why stays what it was if not.
 */
bool plug_has_come(struct plugging *p);

/**
 * plug_xml() - The function as libvirt is told of it
 *
 * Return:   0, or -errno when it does not fit
 */
int plug_xml(const struct plugging *p, char ret[static WHY_LEN]) MUST_CHECK;

/**
 * plug_give_back() - The host gets the function back
 * @p:       @guest is the VM as it is now, without the function
 *
 * Return:   0 or -errno
 */
int plug_give_back(struct plugging *p) MUST_CHECK;

/**
 * plug_settle() - When the VM has stopped meanwhile, the host gets back all that it had
 *
 * Its release may have run before the function was in its ledger, and does not wait for
 * ever for whoever holds the VM's lock. What fails is said.
 *
 * Return:   0, also when it runs, or was started again; or -errno
 */
int plug_settle(struct plugging *p) MUST_CHECK;
