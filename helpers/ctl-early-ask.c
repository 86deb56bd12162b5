// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-early-ask.c - what all INI files of this host have for the boot */

#include "ctl-early.h"

#include "conf.h"
#include "early-choose.h"
#include "inventory.h"
#include "policy.h"
#include "vms.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CONF_DIR "etc/virt-handoff"

/**
 * struct asking - One run of early_ask()
 * @why:     Sentence on failure
 */
struct asking {
	const struct host *host;
	struct early_list *list;
	struct findings *found;
	char *why;
};

/* everything of the slots is looked at closely: a list is made once, not at every start
 */
static int look(const struct asking *a, const struct guest *g,
		const struct conf_devices *c, struct inventory *inv)
{
	struct bdf all[INVENTORY_MAX];
	struct taken candidates;
	int r = policy_candidates(g, c, &candidates);

	if (r == 0)
		r = inventory_read(a->host, candidates.bdf, candidates.n, inv);
	if (r < 0)
		return r;
	for (size_t i = 0; i < inv->n; i++)
		all[i] = inv->function[i].bdf;
	return inventory_look_closer(a->host, inv, all, inv->n);
}

static int choose(const struct asking *a, const struct guest *g, const struct conf_vm *c)
{
	CLEANUP(inventory_free) struct inventory inv = { 0 };
	int r;

	if (!c->devices.present || c->devices.give_back)
		return 0;
	r = look(a, g, &c->devices, &inv);
	if (r == 0)
		r = early_choose(g, c, &inv, a->list, a->found);
	if (r < 0)
		why(a->why, "%s: the host cannot be looked at: %s", c->shown,
		    r == -E2BIG ? "too many functions" : strerror(-r));
	return r;
}

static int ask_host(const struct asking *a, int dir)
{
	struct guest nobody = { .name = "host.ini" };
	struct conf_vm c = { .shown = "host.ini" };
	struct conf_host host;
	int r = conf_host_read(dir, &host, a->why);

	if (r < 0)
		return r;
	c.devices = host.early;
	return choose(a, &nobody, &c);
}

static int ask_vm(struct vm *vm, const char *sentence, void *data)
{
	const struct asking *a = data;

	if (!vm) {
		why(a->why, "%s", sentence);
		return -EINVAL;
	}
	if (!vm->defined && vm->conf.devices.present && !vm->conf.devices.give_back)
		findings_remark(
			a->found,
			"%s: libvirt has no such VM, and so no hostdevs of it: only what stands in also is taken at boot",
			vm->conf.shown);
	return choose(a, &vm->guest, &vm->conf);
}

int early_ask(const struct host *h, struct early_list *list, struct findings *found,
	      char ret_why[static WHY_LEN])
{
	struct asking a = { h, list, found, ret_why };
	CLEANUP(close_fd) int dir = -1;
	int r;

	list->n = 0;
	*found = (struct findings){ 0 };
	ret_why[0] = '\0';
	dir = openat(h->root, CONF_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT)
		return 0;
	r = dir < 0 ? -errno : ask_host(&a, dir);
	if (r == 0)
		r = vms_each(h, ask_vm, &a);
	if (r < 0 && !ret_why[0])
		why(ret_why, "/" CONF_DIR ": %s", strerror(-r));
	return r;
}
