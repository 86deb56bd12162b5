// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-act.c - what the verbs that change the host share: reports, locks, arguments */

#include "ctl-act.h"

#include "clock.h"
#include "file.h"
#include "log.h"
#include "report.h"
#include "running.h"
#include "text.h"
#include "virt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHO "the command virt-handoff"

static int wait_for(const char *what, unsigned int ms)
{
	static bool said;

	if (ms > 0 && !said)
		log_info("waiting: %s", what);
	said |= ms > 0;
	if (ms > 0)
		clock_sleep(ms);
	return 0;
}

static void say(enum log_level level, const char *sentence)
{
	log_line(level, "%s", sentence);
}

const struct report act_report = { .step = report_log, .wait = wait_for, .who = WHO };
const struct forwarding_report act_forwarding = { .say = say, .who = WHO };

int act_begin(struct ctl *c, const char *verb)
{
	int r = 0;

	if (!ctl_is_here(c)) {
		log_err("%s changes the host: it does nothing with --root", verb);
		return -EROFS;
	}
	if (geteuid() != 0) {
		log_err("%s changes the host: run it as root", verb);
		return -EPERM;
	}
	r = host_make_run(&c->host);
	if (r < 0)
		log_err("/run/virt-handoff cannot be made: %s", file_why(r));
	return r;
}

void act_say(const struct findings *f)
{
	const struct finding *first = findings_refusal(f);

	for (size_t i = 0; i < f->n; i++)
		if (&f->finding[i] != first)
			log_line(f->finding[i].refuse ? LOG_LEVEL_ERR : LOG_LEVEL_WARNING,
				 "%s", f->finding[i].text);
}

bool act_vm_runs(const struct host *h, const char *vm)
{
	return running_vm_seen(h, vm);
}

int act_lock(struct ctl *c, const char *uuid, struct lock *l,
	     char ret_why[static WHY_LEN])
{
	return lock_take(&c->host, uuid, WHO, LOCK_WAIT_MS, l, ret_why);
}

/* another number once the ledger was replaced; 0: there is none */
static ino_t ledger_inode(const struct host *h, const char *uuid)
{
	char path[PATH_LEN];
	struct stat st;

	if (text_format(path, sizeof(path), "ledger/%s", uuid) < 0 ||
	    fstatat(h->run, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return st.st_ino;
}

/* a libvirt that does not answer starts nothing either */
static bool is_active(const char *uuid)
{
	CLEANUP(virt_close) struct virt *v = NULL;
	char unused[WHY_LEN];

	return virt_open(&v, unused) == 0 && virt_domain_runs(v, uuid);
}

/*
 * Between its prepare and its QEMU a VM has a ledger, and libvirt's folder does not have it
 * yet. libvirt itself knows, but must not be asked under the VM's lock. A ledger that was
 * there before libvirt said no, and is there still, is of no VM that starts.
 */
int act_lock_idle(struct ctl *c, const char *vm, const char *uuid, struct lock *l,
		  char ret_why[static WHY_LEN])
{
	ino_t before = ledger_inode(&c->host, uuid);
	bool active = is_active(uuid);
	int r = active ? 0 : act_lock(c, uuid, l, ret_why);

	if (r < 0)
		return r == -EBUSY ? -ETIME : r; /* -EBUSY: it runs */
	if (!active && !act_vm_runs(&c->host, vm) &&
	    ledger_inode(&c->host, uuid) == before)
		return 0;
	why(ret_why, "%s runs, and needs what it has: virsh shutdown %s gives it back",
	    vm, text_typed(vm, uuid));
	return -EBUSY;
}
