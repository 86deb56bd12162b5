// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-plug.c - what attach and detach share: the VM as it runs, its lock, the way back */

#include "ctl-plug.h"

#include "ctl-act.h"
#include "handover.h"
#include "hotplug.h"
#include "log.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* a daemon that is restarted while we wait for a guest is there again at once, by its socket */
static int read_xml(struct plugging *p, const char *vm, char **ret_xml,
		    unsigned int *ret_id)
{
	int r = p->virt ? virt_domain_xml(p->virt, vm, true, ret_xml, ret_id, p->why)
			: -ENOTCONN;

	if (r != -ENOTCONN)
		return r;
	virt_close(&p->virt);
	r = virt_open(&p->virt, p->why);
	return r < 0 ? r : virt_domain_xml(p->virt, vm, true, ret_xml, ret_id, p->why);
}

int plug_read(struct plugging *p, const char *vm)
{
	CLEANUP(free_ptr) char *xml = NULL;
	struct guest now;
	unsigned int id = 0;
	int r = read_xml(p, vm, &xml, &id);

	if (r == 0)
		r = guest_parse(xml, strlen(xml), &now, p->why);
	if (r < 0)
		return r;
	guest_free(&p->guest);
	p->guest = now;
	p->id = id;
	return 0;
}

bool plug_has(const struct plugging *p)
{
	for (size_t i = 0; i < p->guest.n_hostdevs; i++)
		if (bdf_equal(&p->guest.hostdevs[i].bdf, &p->bdf))
			return true;
	return false;
}

int plug_begin(struct plugging *p, const char *verb, const char *vm, const char *address)
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
		r = plug_read(p, vm);
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
		r = plug_read(p, p->guest.uuid);
	if (r < 0)
		log_err("%s", p->why);
	return r;
}

void plug_end(struct plugging *p)
{
	lock_drop(&p->lock);
	guest_free(&p->guest);
	virt_close(&p->virt);
}

int plug_xml(const struct plugging *p, char ret[static WHY_LEN])
{
	/* bound by us, and given back by us: libvirt has nothing to manage */
	return text_format(
		ret, WHY_LEN,
		"<hostdev mode='subsystem' type='pci' managed='no'><source>"
		"<address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>"
		"</source></hostdev>",
		p->bdf.domain, p->bdf.bus, p->bdf.slot, p->bdf.function);
}

int plug_give_back(struct plugging *p)
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	char kept[BDF_LEN] = "";
	int r = act_lock(p->c, p->guest.uuid, &lock, p->why);

	if (r == 0)
		r = hotplug_give_back(&p->c->host, &p->guest, &p->bdf, &act_report, kept,
				      p->why);
	if (r == 0 && kept[0])
		log_info(
			"%s stays on VFIO, because %s still has %s, which goes along with it: virt-handoff detach %s %s",
			p->name, p->guest.name, kept, guest_typed(&p->guest), kept);
	return r;
}

int plug_settle(struct plugging *p)
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	int r = plug_read(p, p->guest.uuid);

	if (r == 0 && p->id)
		return 0;
	r = act_lock_idle(p->c, p->guest.name, p->guest.uuid, &lock, p->why);
	if (r == -EBUSY) /* it was started again, and took what it needs */
		return 0;
	if (r == 0)
		r = handover_give_back(&p->c->host, p->guest.uuid, &act_report, p->why);
	if (r < 0)
		log_err("%s; virt-handoff undo %s tries again", p->why,
			guest_typed(&p->guest));
	return r;
}

bool plug_has_come(struct plugging *p)
{
	char refused[WHY_LEN];
	unsigned int id = p->id;

	memcpy(refused, p->why, sizeof(refused));
	if (plug_read(p, p->guest.uuid) == 0 && p->id == id && plug_has(p))
		return true;
	memcpy(p->why, refused, sizeof(refused));
	p->id = id;
	return false;
}
