/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ledger.h - what was changed on the host for a VM, in order, so that it can be undone */
#pragma once

#include "base.h"
#include "bdf.h"
#include "host.h"
#include "step.h"
#include "text.h"

#include <stdbool.h>

/*
 * Theory of operation
 *
 * run/virt-handoff/ledger/UUID is text. Its head (who, which functions are claimed, the
 * whole plan) is published by one rename(2), so it is there whole or not at all; the head
 * is what other VMs see as claims, and says first how many claims and steps it has, so that
 * one that was cut is noticed. Each act then appends records of one write(2) each,
 * ahead of the act and after it:
 *
 *	will N MS	step N is going to be done
 *	did N MS	it was done
 *	back N MS	it is going to be given back
 *	undid N MS	it was given back, or must not be
 *
 * MS is CLOCK_MONOTONIC, which like this file starts anew with the kernel. A last line
 * without newline was torn by a kill; it counts as not written, because what it announces
 * had not begun, or what it confirms is tried again. The file is in /run because it must
 * die with the kernel state that it describes.
 *
 * When a running VM is given another function, or gives one back, the whole file is
 * replaced by rename(2): claims and steps with it, or without it, and one record for each
 * step that was begun. The VM's lock keeps all but one from writing; who reads meanwhile
 * reads the old one.
 *
 * run/virt-handoff/names/NAME links a domain name to its ledger, so that the gate can say
 * without reading anything whether there is something to give back.
 */

/* PLAN_MAX steps with four records each are 600 kB */
#define LEDGER_MAX (2u << 20)
#define CLAIMS_MAX 512

enum ledger_state { LEDGER_PLANNED, LEDGER_WILL, LEDGER_DID, LEDGER_BACK, LEDGER_UNDID };

/**
 * struct ledger_step - A step and how far it has come
 * @step:    As planned
 * @state:   Last record
 * @began_ms: When it was last going to be done or given back, CLOCK_MONOTONIC; 0: never
 * @at_ms:   When the last record was written
 */
struct ledger_step {
	struct step step;
	enum ledger_state state;
	uint64_t began_ms, at_ms;
};

/**
 * struct ledger - The ledger of one VM
 * @uuid:    Of the VM
 * @name:    Of the VM when it was started
 * @deadline_ms: For one step, as the INI file had it: giving back never reads that file
 * @claims:  Owned, @n_claims functions, as sysfs spells them
 * @steps:   Owned, @n_steps
 * @fd:      Owned. Open for appending, -1 when only read
 */
struct ledger {
	char uuid[UUID_LEN];
	char name[NAME_LEN];
	unsigned int deadline_ms;
	char (*claims)[BDF_LEN];
	size_t n_claims;
	struct ledger_step *steps;
	size_t n_steps;
	int fd;
};

#define LEDGER_NONE ((struct ledger){ .fd = -1 })

/**
 * struct ledgers - Those of all other VMs
 * @ledger:  Owned, @n of them
 */
struct ledgers {
	struct ledger *ledger;
	size_t n;
};

/**
 * ledger_create() - Publish the head of a new ledger, with room reserved for all its
 * records
 * @h:       Host with a run folder
 * @l:       uuid, name, deadline_ms, claims and steps are there; fd is filled
 *
 * Return:   0, -EEXIST the VM has one, -EINVAL a name, UUID or state that would not be
 *           read again, -ENOSPC no room for it or its records, or -errno
 */
int ledger_create(const struct host *h, struct ledger *l) MUST_CHECK;

/**
 * ledger_replace() - Publish a ledger that has got other claims and steps
 * @h:       Host
 * @l:       Open for appending; steps that stay have their states. fd is replaced
 *
 * After a failure the file is as it was, and @l->fd still belongs to it.
 *
 * Return:   0, -E2BIG more than PLAN_MAX steps or CLAIMS_MAX claims, or as ledger_create()
 */
int ledger_replace(const struct host *h, struct ledger *l) MUST_CHECK;

/**
 * ledger_exists() - Whether a VM has a ledger
 */
bool ledger_exists(const struct host *h, const char *uuid);

/**
 * ledger_uuid_of() - The VM that had this name when it was started
 *
 * Return:   0, -ENOENT none that has a ledger, or -errno
 */
int ledger_uuid_of(const struct host *h, const char *name,
		   char ret[static UUID_LEN]) MUST_CHECK;

/**
 * ledger_open() - Read the ledger of a VM and open it for appending
 * @h:       Host
 * @uuid:    Of the VM
 * @l:       Filled; owned by the caller, ledger_free()
 * @ret_why: One sentence on failure other than -ENOENT
 *
 * Return:   0, -ENOENT it has none, -EBADMSG not readable as a ledger, or -errno
 */
int ledger_open(const struct host *h, const char *uuid, struct ledger *l,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * ledger_read() - Read the ledger of a VM, and leave it as it is
 *
 * As ledger_open(), but nothing can be appended, and somebody else may be appending.
 */
int ledger_read(const struct host *h, const char *uuid, struct ledger *l,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * ledger_parse() - Read the text of a ledger
 * @text:    @len bytes
 * @l:       Filled; owned by the caller
 * @ret_len: How many bytes are whole lines
 *
 * Return:   0, -EBADMSG, -ENOMEM
 */
int ledger_parse(char *text, size_t len, struct ledger *l, size_t *ret_len) MUST_CHECK;

/**
 * ledger_mark() - Append one record, and note it in @l
 *
 * Return:   0 or -errno; the state in @l is changed in any case
 */
int ledger_mark(struct ledger *l, size_t step, enum ledger_state state);

/**
 * ledger_remove() - Delete the file and the name of a ledger whose steps are all given
 * back
 *
 * Return:   0 or -errno
 */
int ledger_remove(const struct host *h, const struct ledger *l) MUST_CHECK;

/**
 * ledger_forget() - Delete what was left behind by a kill before a ledger was published
 * @h:       Host
 * @uuid:    Of the VM, which has no ledger; its lock is held
 *
 * Return:   0 or -errno
 */
int ledger_forget(const struct host *h, const char *uuid) MUST_CHECK;

/**
 * ledger_forget_new() - Delete a ledger that was written and not published
 *
 * Return:   0, also when there is none; or -errno
 */
int ledger_forget_new(const struct host *h, const char *uuid) MUST_CHECK;

/**
 * ledgers_sweep() - ledger_forget() for all VMs that have no ledger and are not being started
 * @who:     For those who wait for a lock
 *
 * Return:   0 or -errno
 */
int ledgers_sweep(const struct host *h, const char *who) MUST_CHECK;

void ledger_free(struct ledger *l);

/**
 * ledgers_read() - Read the ledgers of all other VMs
 * @h:       Host
 * @except:  UUID of the VM that is left out, or ""
 * @ret:     Filled; owned by the caller
 * @ret_why: One sentence on failure
 *
 * Return:   0, -EBADMSG one of them is not readable: who holds what is then not known;
 *           or -errno
 */
int ledgers_read(const struct host *h, const char *except, struct ledgers *ret,
		 char ret_why[static WHY_LEN]) MUST_CHECK;

void ledgers_free(struct ledgers *s);

/**
 * ledgers_claimant() - The VM that has a function
 * @bdf:     As sysfs spells it
 *
 * Return:   Borrowed, or NULL
 */
const struct ledger *ledgers_claimant(const struct ledgers *s, const char *bdf);

/**
 * ledgers_vgpu_maker() - The VM that has a vGPU on a function, or is about to make one
 * @bdf:     As sysfs spells it
 *
 * Return:   Borrowed, or NULL
 */
const struct ledger *ledgers_vgpu_maker(const struct ledgers *s, const char *bdf);

/**
 * ledgers_sharer() - A step of another VM on the same thing that is not given back yet
 *
 * Return:   Borrowed, or NULL
 */
const struct step *ledgers_sharer(const struct ledgers *s, const struct step *step);

/**
 * ledger_unloads() - Whether this VM keeps a kernel module unloaded
 */
bool ledger_unloads(const struct ledger *l);

/**
 * ledgers_unload() - Whether another VM keeps a kernel module unloaded
 */
bool ledgers_unload(const struct ledgers *s);
