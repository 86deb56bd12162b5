/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-check.h - inside ctl-check*.c: a host looked at once, the table of checks, and what they find */
#pragma once

#include "cards.h"
#include "ctl.h"

#include "base.h"
#include "bdf.h"
#include "conf.h"
#include "ledger.h"
#include "vms.h"

#include <stdbool.h>

/*
 * Theory of operation
 *
 * checkup_look() reads the host, libvirt's files and ours once. Each check is a row of a
 * table, one table for each subject; its function looks at what was read, for the host, for
 * each VM or for each card, and adds what it finds. Nothing is changed, nothing is read that
 * takes a device's lock, and a program is only run with a deadline, and on this host alone.
 */

enum check_severity {
	CHECK_NOTE, /* good to know */
	CHECK_WARNING, /* it works, but not as it should */
	CHECK_FAIL, /* a start would fail, or would give the VM nothing */
};

enum check_about { CHECK_HOST, CHECK_VM, CHECK_CARD };

#define CHECK_HOOKS     "etc/libvirt/hooks/"
#define CHECK_HOOK_NAME "50-virt-handoff"

struct checkup;
struct check_at;

/**
 * struct check - A row of the table
 * @id:       Stable, for programs and for tests
 * @severity: Of what it finds, unless it says otherwise
 * @why:      Why it matters, one sentence
 * @about:    What it is run for: the host, each VM, each card that is looked at
 * @run:      Adds what it finds with check_found(); NULL: another part of this program does
 */
struct check {
	const char *id;
	enum check_severity severity;
	const char *why;
	enum check_about about;
	void (*run)(const struct check_at *at);
};

/**
 * struct check_subject - One table
 * @name:     "numa"; two tables can have the same
 * @check:    Borrowed. Ends with a row without id
 */
struct check_subject {
	const char *name;
	const struct check *check;
};

extern const struct check_subject check_host, check_hooks, check_daemon, check_start,
	check_cards, check_numa, check_domain, check_ports, check_forwards, check_vgpus,
	check_boot, check_habits;

/**
 * struct check_vm - A VM that is looked at
 * @vm:       Its INI file and its domain XML
 * @ini:      It has an INI file
 * @running:  It runs now
 * @taken:    Owned. Functions that a start would take, @n_taken
 */
struct check_vm {
	struct vm vm;
	bool ini;
	bool running;
	struct bdf *taken;
	size_t n_taken;
};

/**
 * struct check_domain - A VM of libvirt, with or without INI file
 */
struct check_domain {
	char name[NAME_LEN];
	char uuid[UUID_LEN];
};

/**
 * struct check_finding - One thing that is not as it should be
 * @check:    Borrowed. Its row; @subject that of its table
 * @vm:       Borrowed. Name, "" when it is about the host
 * @what:     One sentence: what, and where
 * @mend:     What to do, a command where there is one; "": @what says it
 */
struct check_finding {
	const struct check *check;
	const char *subject;
	enum check_severity severity;
	const char *vm;
	char what[WHY_LEN];
	char mend[WHY_LEN];
};

/**
 * struct checkup - All that was read, and all that was found
 * @ctl, @host: Borrowed
 * @only:     The VM that was asked for, NULL: all
 * @cards:    All PCI functions
 * @taker:    Owned. For each card the VM that takes it, @only before others; NULL: none
 * @resets:   The kernel says of cards how they can be reset
 * @conf:     host.ini, all zero where it cannot be read: then @conf_why is filled
 * @vm:       Owned. VMs with an INI file, and @only, @n_vms
 * @domain:   Owned. All VMs that libvirt has, sorted by UUID, @n_domains
 * @bad:      Owned. A sentence for each INI file or XML that cannot be read, @n_bad
 * @ledgers:  Of all VMs; @ledgers_why is filled when they cannot be read
 * @cmdline:  Of the kernel
 * @libvirt:  Version as 1000000 * major + 1000 * minor + release, 0: not known
 * @found:    Owned, @n_found
 * @failed:   There was no memory for a finding
 */
struct checkup {
	struct ctl *ctl;
	struct host *host;
	struct check_vm *only;
	struct cards cards;
	const struct check_vm **taker;
	bool resets;
	struct conf_host conf;
	char conf_why[WHY_LEN];
	struct check_vm *vm;
	size_t n_vms;
	struct check_domain *domain;
	size_t n_domains;
	char (*bad)[WHY_LEN];
	size_t n_bad;
	struct ledgers ledgers;
	char ledgers_why[WHY_LEN];
	char cmdline[4096];
	unsigned long libvirt;
	struct check_finding *found;
	size_t n_found;
	bool failed;
};

/**
 * struct check_at - What one check is run for
 * @v:        The VM; NULL for the host, or a card that no VM takes
 * @card:     The card, of those that are run for one
 */
struct check_at {
	struct checkup *x;
	const struct check *check;
	const char *subject;
	const struct check_vm *v;
	const struct card *card;
};

/**
 * check_found() - Add a finding
 * @what:     Sentence; control characters in it become '?'
 *
 * Return:   The finding, until the next one is added; one that is dropped when there is no
 *           memory
 */
struct check_finding *check_found(const struct check_at *at, const char *what, ...)
	PRINTF(2, 3);

/**
 * check_mend() - Say what to do about it
 */
void check_mend(struct check_finding *f, const char *mend, ...) PRINTF(2, 3);

/* ctl-check-look.c */

/**
 * checkup_look() - Read the host
 * @vm:       Name or UUID, NULL: all
 * @ret_why:  One sentence on failure
 *
 * Return:   0, -ENOENT there is no such VM, or -errno
 */
int checkup_look(struct ctl *c, const char *vm, struct checkup *x,
		 char ret_why[static WHY_LEN]) MUST_CHECK;

void checkup_free(struct checkup *x);

/* ctl-check-start.c */

/**
 * checkup_try() - Find out what a start of each VM would take, and what it would say
 *
 * Looks and decides as the hook does, and fills @taken of each VM.
 *
 * Return:   0 or -errno
 */
int checkup_try(struct checkup *x) MUST_CHECK;

/* ctl-check-tree.c */

/**
 * check_tree_print() - The IOMMU groups of a VM's functions, and what else is in them
 *
 * Return:   0, -ENOMEM or -EIO
 */
int check_tree_print(const struct checkup *x) MUST_CHECK;

struct out;
void check_tree_out(const struct checkup *x, struct out *o);

/* ctl-check-print.c */

/**
 * checkup_print() - Say what was found
 *
 * Return:   0, -ENOMEM or -EIO
 */
int checkup_print(const struct checkup *x) MUST_CHECK;

/* what several checks ask */

/* Text of a file below the root, cut where it does not fit, "" when it cannot be read */
const char *check_read(const struct checkup *x, const char *path, char *ret, size_t size);

/* The same for an attribute of a function */
const char *check_attribute(const struct check_at *at, const char *attribute, char *ret,
			    size_t size);

/* Whether the kernel's command line has this word */
bool check_cmdline(const struct checkup *x, const char *word);

/**
 * checkup_find_takers() - Fill @taker, when it is known what VMs take
 *
 * Return:   0 or -ENOMEM
 */
int checkup_find_takers(struct checkup *x) MUST_CHECK;

/* Whether a VM that is looked at has forwards */
bool check_wants_forwards(const struct checkup *x);

/* ctl-check-hooks.c: whether libvirt would run this file */
bool check_is_executable(int root, const char *path);
