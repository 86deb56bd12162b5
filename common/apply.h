/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply.h - observe a plan, run it against a ledger, take a ledger back */
#pragma once

#include "base.h"
#include "host.h"
#include "ledger.h"
#include "lock.h"
#include "step.h"

/* What became of a step, for whoever writes it down */
enum outcome {
	OUTCOME_DONE, /* it was set */
	OUTCOME_BACK, /* it was given back */
	OUTCOME_SHARED, /* another VM still needs it: that VM gives it back */
	/* a VM keeps the module of its driver unloaded: the kernel gives it back then */
	OUTCOME_LEFT,
	/* somebody else set it to something else meanwhile: it is left alone */
	OUTCOME_CHANGED,
	OUTCOME_GONE, /* it is not there any more */
	OUTCOME_FAILED, /* error; undone or kept in the ledger */
};

/**
 * struct report - Whom a hand-over is made for
 * @step:    Called once a step; @r is the error of OUTCOME_FAILED, @ms how long it took
 * @wait:    Waits @ms milliseconds for what is described by @what. 0, or -ECANCELED:
 *           nobody wants the hand-over any more (libvirtd was killed)
 * @who:     Written into the lock that steps on shared things take
 */
struct report {
	void (*step)(const struct step *s, enum outcome o, int r, unsigned int ms);
	int (*wait)(const char *what, unsigned int ms);
	const char *who;
};

/**
 * plan_observe() - Fill in what each step starts from, and drop those that have nothing
 * to do
 * @h:       Host with kinds
 * @others:  Ledgers of the other VMs: a shared thing that one of them holds starts from
 *           what it was before that VM
 * @plan:    From policy_plan()
 * @ret_why: One sentence on failure
 *
 * Return:   0 or -errno of a kind
 */
int plan_observe(struct host *h, const struct ledgers *others, struct plan *plan,
		 char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * apply() - Do the steps of a ledger, in order, each written down ahead
 * @h:       Host with kinds
 * @l:       As ledger_create() or ledger_replace() left it; steps that were begun before
 *           are passed over
 * @rep:     Told of each step
 * @ret_why: One sentence on failure, naming the step
 *
 * Stops at the first error; what was done until then is in the ledger, for undo().
 *
 * Return:   0 or -errno
 */
int apply(struct host *h, struct ledger *l, const struct report *rep,
	  char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * apply_plain() - Do the steps of a plan whose result stays
 * @h:       Host with kinds
 * @plan:    What a step starts from is looked at just before it: steps before it may have
 *           changed it. One that has nothing to do is passed over
 * @rep:     Told of each step
 * @ret_why: One sentence on failure, naming the step
 *
 * Nothing is written down, because nothing is given back; whoever is killed in the middle
 * does it again. Stops at the first error.
 *
 * Return:   0 or -errno
 */
int apply_plain(struct host *h, struct plan *plan, const struct report *rep,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * undo_some() - Give some steps of a ledger back, newest first, as undo() does; the ledger
 * stays
 * @wanted:  Whether this is one of them; NULL: all
 * @data:    Handed on
 *
 * Return:   0, or the first -errno
 */
int undo_some(struct host *h, struct ledger *l,
	      bool (*wanted)(const struct step *s, const void *data), const void *data,
	      const struct report *rep, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * undo() - Take a ledger back, newest step first
 * @h:       Host with kinds
 * @l:       Open for appending
 * @rep:     Told of each step
 * @ret_why: One sentence on failure, naming the first step that failed
 *
 * A step that is in doubt (announced and not confirmed, in either direction) is set to
 * what it was before, whatever is there now. A step that was done is given back when it
 * still has the value that it was given; otherwise somebody changed it after us, and it
 * is left alone. An error does not stop the rest, and keeps the ledger; without one it is
 * removed.
 *
 * Return:   0, or the first -errno
 */
int undo(struct host *h, struct ledger *l, const struct report *rep,
	 char ret_why[static WHY_LEN]) MUST_CHECK;
