// SPDX-License-Identifier: GPL-2.0-or-later
/* late.c - when the host is up, put on VFIO what early has pinned, and what came later */

/*
 * Theory of operation
 *
 * virt-handoff-early.service runs this behind everything that a boot waits for. It repeats
 * the list: what was not there yet in the initramfs is taken now, from a driver of the host
 * if need be; then the VFIO drivers are loaded, which take what is pinned for them by
 * themselves. What a driver of the host has may be in use by now, a disk with its root on
 * it: it is looked at as for a start of a VM, and left when the host needs it.
 *
 * A VM may start at the same time. Who holds the host's lock looks at the host and claims
 * what its VM gets; so it is held here too, and what a VM has claimed is its own.
 */

#include "child.h"
#include "clock.h"
#include "early-run.h"
#include "file.h"
#include "inherited.h"
#include "inventory.h"
#include "kinds.h"
#include "ledger.h"
#include "lock.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DEADLINE_MS 30000 /* of a whole run; nothing but VMs waits for it */
#define SETTLE_MS   30000 /* of udev */
#define WHO         "virt-handoff-early.service"

/*
 * What the initramfs has taken or left needs no second look. Without its record nothing
 * was done there: the image is older than the list.
 */
static bool is_over(struct run *run)
{
	if (file_read(run->host.root, EARLY_RECORD, run->before, sizeof(run->before)) <
	    0) {
		run->before[0] = '\0';
		return false;
	}
	return !strstr(run->before, " absent: ") && !strstr(run->before, " failed: ") &&
	       !strstr(run->before, " pinned: ");
}

/* what comes late has come when udev is done; what is pinned is there */
static void settle(const struct run *run)
{
	static const char *const argv[] = { "/usr/bin/udevadm", "settle", NULL };

	if (!run->before[0] || strstr(run->before, " absent: "))
		(void)!child_run(argv, SETTLE_MS, NULL, 0);
}

static void leave_claimed(struct run *run, const struct ledgers *claims)
{
	char name[BDF_LEN];

	for (size_t i = 0; i < run->list.n; i++) {
		bdf_format(&run->list.entry[i].bdf, name);
		if (run->outcome[i] == OPEN && ledgers_claimant(claims, name))
			run->outcome[i] = HELD;
	}
}

/* it has a driver of the host, and could be in use */
static bool is_driven(const struct run *run, size_t i)
{
	return run->outcome[i] == OPEN && run->from[i][0] &&
	       strcmp(run->from[i], run->list.entry[i].driver) != 0;
}

/* what would refuse a start of a VM, see policy_check() */
static enum outcome judge_use(const struct function *f, bool primary,
			      char ret[static EARLY_NEED_LEN])
{
	char who[EARLY_NEED_LEN - 16];

	if (f->framebuffer && !primary)
		return CONSOLE;
	if (f->use[0]) {
		snprintf(ret, EARLY_NEED_LEN, "it carries %s of this host", f->use);
	} else if (f->n_vfs > 0) {
		snprintf(ret, EARLY_NEED_LEN, "its virtual functions (%u) would vanish",
			 f->n_vfs);
	} else if (f->made[0]) {
		snprintf(ret, EARLY_NEED_LEN, "its vGPU %s would vanish", f->made);
	} else if (f->n_holders > 0) {
		holders_describe(f->holders, f->n_holders, who, sizeof(who));
		snprintf(ret, EARLY_NEED_LEN, "it is held by %s", who);
	} else {
		return OPEN;
	}
	return NEEDED;
}

/* what cannot be looked at is not taken */
static void leave_needed(struct run *run)
{
	CLEANUP(inventory_free) struct inventory inv = { 0 };
	struct bdf driven[EARLY_MAX];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < run->list.n; i++)
		if (is_driven(run, i))
			driven[n++] = run->list.entry[i].bdf;
	r = inventory_read(&run->host, driven, n, &inv);
	if (r == 0)
		r = inventory_look_closer(&run->host, &inv, driven, n);
	for (size_t i = 0; i < run->list.n; i++) {
		const struct early_entry *e = &run->list.entry[i];
		const struct function *f = inventory_find(&inv, &e->bdf);

		if (!is_driven(run, i))
			continue;
		if (r == 0 && f) {
			run->outcome[i] = judge_use(f, e->primary, run->need[i]);
			continue;
		}
		run->outcome[i] = FAILED;
		run->error[i] = r < 0 ? r : -ENODEV;
	}
	early_judge_slots(run);
}

static bool loaded_before(const struct run *run, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (run->outcome[i] == OPEN &&
		    strcmp(run->list.entry[i].module, run->list.entry[n].module) == 0)
			return true;
	return false;
}

static void load_drivers(struct run *run)
{
	for (size_t i = 0; i < run->list.n; i++) {
		const char *module = run->list.entry[i].module;
		const char *remedy;
		int r;

		if (run->outcome[i] != OPEN || loaded_before(run, i) ||
		    !early_deadline(run))
			continue;
		r = kind_module.set(&run->host, module, "loaded");
		remedy = r < 0 ? kind_module.remedy(r) : NULL;
		if (r < 0)
			log_err("%s cannot be loaded: %s%s%s", module, strerror(-r),
				remedy ? "; " : "", remedy ?: "");
	}
}

static void take_open(struct run *run, const struct ledgers *claims)
{
	run->end = clock_ms() + DEADLINE_MS;
	early_judge(run);
	leave_claimed(run, claims);
	leave_needed(run);
	early_pin(run);
	load_drivers(run);
	for (size_t i = 0; i < run->list.n; i++)
		if (run->outcome[i] == OPEN)
			early_move(run, i);
	early_report(run);
}

static int take(struct run *run)
{
	CLEANUP(ledgers_free) struct ledgers claims = { 0 };
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	char sentence[WHY_LEN];
	int r;

	if (is_over(run))
		return 0;
	settle(run);
	r = host_make_run(&run->host);
	if (r < 0) {
		log_err("/run/virt-handoff cannot be made: %s", file_why(r));
		return r;
	}
	r = lock_take(&run->host, LOCK_HOST, WHO, LOCK_WAIT_MS, &lock, sentence);
	if (r == 0)
		r = ledgers_read(&run->host, "", &claims, sentence);
	if (r < 0)
		log_err("%s", sentence);
	else
		take_open(run, &claims);
	return r;
}

int main(int argc, char *argv[])
{
	static struct run run = { .late = true };
	int r = 0;

	(void)argv;
	inherited_mend((const char *const[]){ "JOURNAL_STREAM", NULL });
	umask(077);
	if (argc > 1) {
		fprintf(stderr, "usage: late\n");
		return 2;
	}
	log_open(LOG_SINK_KMSG, "virt-handoff", false);
	if (early_begin(&run))
		r = take(&run);
	early_end(&run);
	return r < 0;
}
