// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-act.c - what the verbs that change the host share: reports, locks, arguments */

#include "ctl-act.h"

#include "clock.h"
#include "file.h"
#include "log.h"
#include "report.h"
#include "running.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
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
	return r < 0 ? log_errno(r, "/run/virt-handoff cannot be made") : 0;
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
	/* before libvirt has run for the first time since the boot there is no such folder */
	return file_exists(h->root, "run/libvirt/qemu") && running_vm(h, vm);
}

int act_lock(struct ctl *c, const char *uuid, struct lock *l,
	     char ret_why[static WHY_LEN])
{
	return lock_take(&c->host, uuid, WHO, LOCK_WAIT_MS, l, ret_why);
}
