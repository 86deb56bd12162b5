// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-undo.c - virt-handoff undo and repair: what should have been given back is given back */

#include "ctl.h"

#include "book.h"
#include "child.h"
#include "conf.h"
#include "ctl-act.h"
#include "domain.h"
#include "file.h"
#include "forwarding.h"
#include "handover.h"
#include "ledger.h"
#include "lock.h"
#include "log.h"
#include "text.h"
#include "vms.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define BOOT_UNIT "virt-handoff-boot.service"
#define BOOT_MS   (16 * 60 * 1000) /* longer than its own TimeoutStartSec */

static int give_back(struct ctl *c, const char *vm, const char *uuid)
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	char sentence[WHY_LEN];
	bool had;
	int r = act_lock_idle(c, vm, uuid, &lock, sentence), forwards;

	if (r < 0) {
		log_err("%s", sentence);
		return r;
	}
	had = ledger_exists(&c->host, uuid);
	forwards = forwarding_stop(&c->host, vm, &act_forwarding, sentence);
	if (forwards < 0)
		log_err("%s", sentence);
	r = handover_give_back(&c->host, uuid, &act_report, sentence);
	if (r < 0)
		log_err("%s", sentence);
	else
		printf(had ? "%s: all that it had is given back\n"
			   : "%s: there was no ledger to take back\n",
		       vm);
	return r < 0 ? r : forwards;
}

/* a VM that libvirt has forgotten is known by its ledger, or by its UUID */
static int find_uuid(struct ctl *c, const char *vm, char uuid[static UUID_LEN],
		     char name[static NAME_LEN])
{
	CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];
	int r = text_is_uuid(vm) ? text_copy(uuid, UUID_LEN, vm)
				 : ledger_uuid_of(&c->host, vm, uuid);

	if (r < 0)
		return r;
	r = ledger_read(&c->host, uuid, &l, sentence);
	if (r == 0)
		r = text_copy(name, NAME_LEN, l.name);
	else if (r != -ENOENT)
		log_err("%s", sentence);
	return r;
}

/* by libvirt or by an INI file */
static bool is_known(struct ctl *c, const char *vm, char ret_why[static WHY_LEN])
{
	CLEANUP(domain_free) struct domain d = { 0 };
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	const char *uuid = text_is_uuid(vm) ? vm : NULL;
	char unused[WHY_LEN];

	return domain_read(c, vm, &d, ret_why) != -ENOENT ||
	       conf_vm_find(c->host.root, vm, uuid, &conf, unused) != -ENOENT;
}

static const struct book *find_book(const struct books *all, const char *vm)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->book[i].forwards.vm, vm) == 0 ||
		    strcmp(all->book[i].uuid, vm) == 0)
			return &all->book[i];
	return NULL;
}

/* the file of forwards has the VM's name, and its UUID inside */
static int drop_forwards(struct ctl *c, const char *vm)
{
	CLEANUP(books_free) struct books all = { 0 };
	char sentence[WHY_LEN], path[PATH_LEN];
	int r = books_read(&c->host, &all, sentence);
	const struct book *b = r == 0 ? find_book(&all, vm) : NULL;
	const char *name = b ? b->forwards.vm : vm;
	bool had;

	r = text_is_name(name) ? text_format(path, sizeof(path), "forwards/%s", name)
			       : -EINVAL;
	had = r == 0 && file_exists(c->host.run, path);
	if (had && act_vm_runs(&c->host, name)) {
		log_err("%s runs, and needs what it has: virsh shutdown %s gives it back",
			name, b ? text_typed(name, b->uuid) : name);
		return -EBUSY;
	}
	if (!had && !is_known(c, vm, sentence)) {
		log_err("%s", sentence);
		return -ENOENT;
	}
	if (had)
		r = forwarding_stop(&c->host, name, &act_forwarding, sentence);
	if (had && r < 0)
		log_err("%s", sentence);
	else if (had)
		printf("%s: its forwards are taken away\n", name);
	else
		printf("%s: there is nothing to give back\n", vm);
	return had ? r : 0;
}

/* of a VM that never had a ledger: its prepare was killed before it was published */
static int sweep(struct ctl *c)
{
	int r = ledgers_sweep(&c->host, act_report.who);

	return r < 0 ? log_errno(r, "/run/virt-handoff cannot be put in order") : 0;
}

int ctl_undo(struct ctl *c, int argc, char *argv[])
{
	char uuid[UUID_LEN], name[NAME_LEN];
	int r;

	if (argc != 2)
		return ctl_usage("undo VM");
	if (act_begin(c, argv[0]) < 0)
		return CTL_FAILED;
	r = find_uuid(c, argv[1], uuid, name);
	if (r == -ENOENT)
		r = drop_forwards(c, argv[1]);
	else if (r == 0)
		r = give_back(c, name, uuid);
	return sweep(c) < 0 || r < 0 ? CTL_FAILED : CTL_DONE;
}

/**
 * struct repair - One run of it
 * @changed: There was something to do
 * @failed:  Something could not be done
 */
struct repair {
	struct ctl *c;
	bool changed, failed;
};

static int repair_ledger(const char *uuid, void *data)
{
	CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
	struct repair *x = data;
	char sentence[WHY_LEN];
	int r;

	if (uuid[0] == '.') /* not published */
		return 0;
	r = ledger_read(&x->c->host, uuid, &l, sentence);
	if (r < 0 && r != -ENOENT) {
		log_err("%s", sentence);
		x->failed = true;
	}
	if (r < 0 || act_vm_runs(&x->c->host, l.name))
		return 0;
	/* -EBUSY: it is just starting */
	r = give_back(x->c, l.name, uuid);
	x->changed |= r != -EBUSY;
	x->failed |= r < 0 && r != -EBUSY;
	return 0;
}

/* one that cannot be read is no reason to leave the others */
static void repair_ledgers(struct repair *x)
{
	int r = file_each(x->c->host.run, "ledger", repair_ledger, x);

	if (r < 0 && r != -ENOENT) {
		log_errno(r, "/run/virt-handoff/ledger cannot be looked at");
		x->failed = true;
	}
}

static void repair_forwards(struct repair *x)
{
	char sentence[WHY_LEN];
	bool changed = false;

	if (forwarding_repair(&x->c->host, true, &act_forwarding, &changed, sentence) <
	    0) {
		log_err("%s", sentence);
		x->failed = true;
	} else if (changed) {
		printf("forwards were put right\n");
		x->changed = true;
	}
}

static int wants_boot(struct vm *vm, const char *sentence, void *data)
{
	bool *wanted = data;

	(void)sentence; /* the unit says what is wrong with a file */
	for (size_t i = 0; vm && i < vm->conf.n_vgpus; i++)
		*wanted |= vm->conf.vgpu[i].at_boot;
	return *wanted;
}

static bool boot_is_wanted(struct repair *x)
{
	CLEANUP(close_fd)
	int dir = openat(x->c->host.root, "etc/virt-handoff",
			 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char sentence[WHY_LEN];
	struct conf_host host = { 0 };
	bool wanted = false;

	if (dir >= 0 && conf_host_read(dir, &host, sentence) == 0)
		wanted = host.n_gpus > 0;
	return wanted || vms_each(&x->c->host, wants_boot, &wanted) > 0 || wanted;
}

/* the unit itself: it makes what is not there, and writes down what it did */
static void repair_vgpus(struct repair *x)
{
	const char *const argv[] = { "/usr/bin/systemctl", "restart", BOOT_UNIT, NULL };
	int r;

	if (!boot_is_wanted(x))
		return;
	r = child_run(argv, BOOT_MS, NULL, 0);
	if (r == 0)
		printf("vGPUs of the boot: " BOOT_UNIT " has looked at all of them\n");
	else
		log_err("vGPUs of the boot: " BOOT_UNIT
			" failed: journalctl -u " BOOT_UNIT " says why");
	x->failed |= r != 0;
}

int ctl_repair(struct ctl *c, int argc, char *argv[])
{
	struct repair x = { .c = c };

	if (argc != 1)
		return ctl_usage("repair");
	if (act_begin(c, argv[0]) < 0)
		return CTL_FAILED;
	repair_ledgers(&x);
	x.failed |= sweep(c) < 0;
	repair_vgpus(&x);
	repair_forwards(&x);
	if (!x.changed && !x.failed)
		printf("nothing to do\n");
	return x.failed ? CTL_FAILED : CTL_DONE;
}
