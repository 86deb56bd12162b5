// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-attach.c - virt-handoff attach and detach: a running VM gets a card, or gives it back */

/*
 * Two locks: the one of the VM, as at a start, only while the ledger or the host are
 * changed, because a VM that stops has libvirt's lock and waits for ours; and one of our
 * own, PLUG, for the whole of it, so that two of these verbs do not meet.
 */

#include "ctl.h"

#include "clock.h"
#include "conf.h"
#include "ctl-act.h"
#include "guest.h"
#include "hotplug.h"
#include "lock.h"
#include "log.h"
#include "text.h"
#include "virt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS 300
/* a guest that boots does not hear the first time; QEMU takes no second one for 5 s */
#define ASK_AGAIN_MS 10000
#define REFUSED_MS   7000
#define LET_GO_S     60
/* of a function that QEMU has open and libvirt does not know yet; it takes a second */
#define PLUGS_IN_S 20

/**
 * struct plugging - One attach or detach
 * @guest:   Owned. The VM as it runs
 * @id:      libvirt's number of this run of it
 * @name:    The function
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

static int read_live(struct plugging *p, const char *vm)
{
	CLEANUP(free_ptr) char *xml = NULL;
	struct guest now;
	bool running;
	int r = virt_domain_xml(p->virt, vm, true, &xml, &running, p->why);

	if (r == 0)
		r = guest_parse(xml, strlen(xml), &now, p->why);
	if (r < 0)
		return r;
	guest_free(&p->guest);
	p->guest = now;
	p->id = running ? virt_domain_id(p->virt, now.uuid) : 0;
	return 0;
}

static bool has_it(const struct plugging *p)
{
	for (size_t i = 0; i < p->guest.n_hostdevs; i++)
		if (bdf_equal(&p->guest.hostdevs[i].bdf, &p->bdf))
			return true;
	return false;
}

static int begin(struct plugging *p, const char *verb, const char *vm,
		 const char *address)
{
	char lock[64];
	int r = act_begin(p->c, verb);

	if (r < 0)
		return r;
	if (bdf_parse(address, &p->bdf) < 0) {
		log_err("'%s' is no PCI address such as 0000:41:00.0: virt-handoff list gpus shows them",
			address);
		return -EINVAL;
	}
	bdf_format(&p->bdf, p->name);
	r = virt_open(&p->virt, p->why);
	if (r == 0)
		r = read_live(p, vm);
	if (r == 0 && !p->id) {
		why(p->why,
		    "%s does not run: virt-handoff assign writes what it starts with",
		    p->guest.name);
		r = -ENOTCONN;
	}
	if (r == 0)
		r = text_format(lock, sizeof(lock), "plug-%s", p->guest.uuid);
	if (r == 0)
		r = lock_take(&p->c->host, lock, act_report.who, LOCK_WAIT_MS, &p->lock,
			      p->why);
	/* whoever had the lock may have done it */
	if (r == 0)
		r = read_live(p, p->guest.uuid);
	if (r < 0)
		log_err("%s", p->why);
	return r;
}

static void end(struct plugging *p)
{
	lock_drop(&p->lock);
	guest_free(&p->guest);
	virt_close(&p->virt);
}

static int device_xml(const struct plugging *p, char ret[static WHY_LEN])
{
	/* bound by us, and given back by us: libvirt has nothing to manage */
	return text_format(
		ret, WHY_LEN,
		"<hostdev mode='subsystem' type='pci' managed='no'><source>"
		"<address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>"
		"</source></hostdev>",
		p->bdf.domain, p->bdf.bus, p->bdf.slot, p->bdf.function);
}

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

/* under the VM's lock; @p->guest is the VM as it is now, without the function */
static int give_back_locked(struct plugging *p)
{
	char kept[BDF_LEN] = "";
	int r = hotplug_give_back(&p->c->host, &p->guest, &p->bdf, &act_report, kept,
				  p->why);

	if (r == 0 && kept[0])
		log_info(
			"%s stays on VFIO, because %s still has %s, which goes along with it: virt-handoff detach %s %s",
			p->name, p->guest.name, kept, p->guest.name, kept);
	return r;
}

static int give_back(struct plugging *p)
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	int r = act_lock(p->c, p->guest.uuid, &lock, p->why);

	return r < 0 ? r : give_back_locked(p);
}

/* its release may have run before the function was in its ledger, and it has nothing now */
static int give_back_stopped(struct plugging *p)
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	int r = act_lock_idle(p->c, p->guest.name, p->guest.uuid, &lock, p->why);

	p->guest.n_hostdevs = 0;
	if (r == -EBUSY) /* it was started again, and took what it needs */
		return 0;
	return r < 0 ? r : give_back_locked(p);
}

/*
 * What went wrong is said; what was taken goes back, unless the VM has it after all, or it
 * is another run of the VM, which took it for itself.
 */
static void take_back(struct plugging *p)
{
	unsigned int id = p->id;
	int r;

	log_err("%s", p->why);
	r = read_live(p, p->guest.uuid);
	if (r < 0 && r != -ENOENT)
		return;
	if (r == -ENOENT || !p->id)
		r = give_back_stopped(p);
	else
		r = has_it(p) || p->id != id ? 0 : give_back(p);
	if (r < 0)
		log_err("%s; virt-handoff undo %s or detach %s %s tries again", p->why,
			p->guest.name, p->guest.name, p->name);
}

/*
 * An attach that was killed may have asked libvirt, which goes on: then the VM has it now,
 * and what libvirt has refused is only to plug it in twice.
 */
static bool has_come(struct plugging *p)
{
	char refused[WHY_LEN];
	unsigned int id = p->id;

	memcpy(refused, p->why, sizeof(refused));
	if (read_live(p, p->guest.uuid) == 0 && p->id == id && has_it(p))
		return true;
	memcpy(p->why, refused, sizeof(refused));
	p->id = id;
	return false;
}

static int attach(struct plugging *p)
{
	char xml[WHY_LEN];
	int r;

	if (has_it(p)) {
		printf("%s has %s already\n", p->guest.name, p->name);
		return CTL_DONE;
	}
	r = take(p);
	if (r < 0) {
		log_err("%s", p->why);
		return CTL_FAILED;
	}
	r = device_xml(p, xml);
	if (r == 0)
		r = virt_domain_plug(p->virt, p->guest.uuid, xml, true, p->why);
	if (r < 0 && !has_come(p)) {
		take_back(p);
		return CTL_FAILED;
	}
	printf("%s has %s now, until it stops or virt-handoff detach takes it\n",
	       p->guest.name, p->name);
	return CTL_DONE;
}

/* Asks until it is gone; what libvirt says at first may be about an earlier request. */
static int ask_guest(struct plugging *p, unsigned int seconds)
{
	uint64_t begin_ms = clock_ms(), end_ms = begin_ms + seconds * 1000ull, next = 0;
	unsigned int id = p->id;
	char xml[WHY_LEN], refused[WHY_LEN];
	int r = device_xml(p, xml), asked = 0;

	while (r == 0) {
		if (clock_ms() >= next) {
			asked = virt_domain_plug(p->virt, p->guest.uuid, xml, false,
						 refused);
			next = clock_ms() + (asked < 0 ? REFUSED_MS : ASK_AGAIN_MS);
		}
		r = read_live(p, p->guest.uuid);
		if (r < 0 || !has_it(p) || p->id != id)
			return r;
		if (asked < 0 && clock_ms() > begin_ms + REFUSED_MS) {
			why(p->why, "%s", refused);
			return asked;
		}
		if (clock_left(end_ms) == 0)
			break;
		clock_pause(POLL_MS, end_ms);
	}
	why(p->why,
	    "the guest of %s has not let go of %s within %u s: it must run, and have a driver for PCI hot-plug; nothing was changed, ask again with --wait, or shut it down",
	    p->guest.name, p->name, seconds);
	return r < 0 ? r : -ETIME;
}

/* libvirt is about to plug in what an attach that was killed has asked for */
static bool comes(struct plugging *p)
{
	uint64_t end_ms = clock_ms() + PLUGS_IN_S * 1000ull;

	while (!has_come(p)) {
		if (clock_left(end_ms) == 0)
			return false;
		clock_pause(POLL_MS, end_ms);
	}
	return true;
}

static int take_out(struct plugging *p, unsigned int seconds, bool *ret_had)
{
	bool had = has_it(p);
	int r = had ? ask_guest(p, seconds) : 0;

	*ret_had = had;
	if (r < 0)
		return r;
	return has_it(p) ? -EAGAIN : give_back(p);
}

static int detach(struct plugging *p, unsigned int seconds)
{
	bool had;
	int r = take_out(p, seconds, &had);

	if (r == -EBUSY && !had && p->id && comes(p))
		r = take_out(p, seconds, &had);
	if (r == -EAGAIN && !p->id)
		why(p->why,
		    "%s has stopped; its XML has %s, so it is there again at the next start",
		    p->guest.name, p->name);
	else if (r == -EAGAIN)
		why(p->why, "%s was started again meanwhile, with %s", p->guest.name,
		    p->name);
	if (r < 0) {
		log_err("%s", p->why);
		return CTL_FAILED;
	}
	printf("%s does not have %s%s\n", p->guest.name, p->name, had ? " any more" : "");
	return CTL_DONE;
}

int ctl_attach(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(end) struct plugging p = { .c = c, .lock = LOCK_NONE };

	if (argc != 3)
		return ctl_usage("attach VM ADDRESS");
	return begin(&p, argv[0], argv[1], argv[2]) < 0 ? CTL_FAILED : attach(&p);
}

int ctl_detach(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(end) struct plugging p = { .c = c, .lock = LOCK_NONE };
	unsigned int ms = LET_GO_S * 1000;

	if (argc != 3 && (argc != 5 || strcmp(argv[3], "--wait") != 0 ||
			  text_duration(argv[4], &ms) < 0))
		return ctl_usage("detach VM ADDRESS [--wait TIME]");
	return begin(&p, argv[0], argv[1], argv[2]) < 0 ? CTL_FAILED
							: detach(&p, ms / 1000);
}
