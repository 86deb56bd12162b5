// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-attach.c - virt-handoff attach: a running VM gets a card */

#include "ctl.h"

#include "conf.h"
#include "ctl-act.h"
#include "ctl-plug.h"
#include "hotplug.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>

static int read_conf(struct plugging *p, struct conf_vm *ret)
{
	int r = conf_vm_find(p->c->host.root, p->guest.name, p->guest.uuid, ret, p->why);

	return r == -ENOENT ? conf_vm_standard(p->guest.name, ret) : r;
}

static int take(struct plugging *p)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	struct findings found = { 0 };
	int r = read_conf(p, &conf);

	if (r == 0)
		r = act_lock(p->c, p->guest.uuid, &lock, p->why);
	if (r == 0)
		r = hotplug_take(&p->c->host, &p->guest, &conf, &p->bdf, &act_report,
				 &found, p->why);
	act_say(&found);
	return r;
}

/*
 * What was taken goes back, unless the VM has it after all, or it is another run of the VM,
 * which took it for itself.
 */
static void take_back(struct plugging *p)
{
	unsigned int id = p->id;

	log_err("%s", p->why);
	if (plug_read(p, p->guest.uuid) < 0) {
		log_err("%s: whether %s has %s is not known; virt-handoff detach %s %s gives it back",
			p->why, p->guest.name, p->name, guest_typed(&p->guest), p->name);
		return;
	}
	if (plug_has(p) || p->id != id)
		return;
	if (plug_give_back(p) < 0)
		log_err("%s; virt-handoff detach %s %s tries again", p->why,
			guest_typed(&p->guest), p->name);
}

static int plug_in(struct plugging *p)
{
	char xml[WHY_LEN];
	int r = plug_xml(p, xml);

	if (r == 0)
		r = virt_domain_plug(p->virt, p->guest.uuid, xml, true, p->why);
	/* a daemon that was restarted since it was asked last: over the new connection */
	if (r == -ENOTCONN && !plug_has_come(p) && p->virt)
		r = virt_domain_plug(p->virt, p->guest.uuid, xml, true, p->why);
	if (r < 0 && !plug_has_come(p)) {
		take_back(p);
		return r;
	}
	printf("%s has %s now, until it stops or virt-handoff detach takes it\n",
	       p->guest.name, p->name);
	return 0;
}

static int attach(struct plugging *p)
{
	int r;

	if (plug_has(p)) {
		printf("%s has %s already\n", p->guest.name, p->name);
		return CTL_DONE;
	}
	r = take(p);
	if (r < 0)
		log_err("%s", p->why);
	else
		r = plug_in(p);
	if (r == 0)
		return CTL_DONE;
	(void)!plug_settle(p);
	return CTL_FAILED;
}

int ctl_attach(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(plug_end) struct plugging p = { .c = c, .lock = LOCK_NONE };

	if (argc != 3)
		return ctl_usage("attach VM ADDRESS");
	return plug_begin(&p, argv[0], argv[1], argv[2]) < 0 ? CTL_FAILED : attach(&p);
}
