// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-early-ask.c - what all INI files of this host have for the boot */

#include "ctl-early.h"

#include "conf.h"
#include "early-choose.h"
#include "file.h"
#include "guest.h"
#include "inventory.h"
#include "policy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CONF_DIR    "etc/virt-handoff"
#define DOMAINS_DIR "etc/libvirt/qemu"

/**
 * struct asking - One run of early_ask()
 * @vms:     Descriptor of CONF_DIR/vms
 * @why:     Sentence on failure
 */
struct asking {
	const struct host *host;
	int vms;
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

/* a domain XML as libvirt keeps it; -ENOENT when there is none */
static int read_domain(const struct asking *a, const char *file, struct guest *g)
{
	CLEANUP(close_fd) int fd = -1;
	CLEANUP(free_ptr) char *xml = NULL;
	char path[PATH_LEN], sentence[WHY_LEN];
	ssize_t n;
	int r = text_format(path, sizeof(path), DOMAINS_DIR "/%s", file);

	if (r < 0)
		return -ENOENT;
	fd = openat(a->host->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	n = file_read_all(fd, GUEST_XML_MAX, &xml);
	r = n < 0 ? (int)n : guest_parse(xml, (size_t)n, g, sentence);
	if (n < 0)
		why(a->why, "/%s: %s", path, strerror((int)-n));
	else if (r < 0)
		why(a->why, "/%s: %s", path, sentence);
	return r;
}

/**
 * struct wanted - A domain that is looked for by its UUID
 */
struct wanted {
	const struct asking *asking;
	const char *uuid;
	struct guest *guest;
};

static int is_wanted(const char *name, void *data)
{
	CLEANUP(guest_free) struct guest g = { 0 };
	struct wanted *w = data;
	const char *dot = strrchr(name, '.');

	if (!dot || strcmp(dot, ".xml") != 0 || read_domain(w->asking, name, &g) < 0 ||
	    strcmp(g.uuid, w->uuid) != 0)
		return 0;
	*w->guest = g;
	g = (struct guest){ 0 };
	return 1;
}

static int find_domain(const struct asking *a, const char *stem, struct guest *g)
{
	struct wanted w = { a, stem, g };
	char file[NAME_LEN + 8];
	int r;

	if (text_is_uuid(stem)) {
		r = file_each(a->host->root, DOMAINS_DIR, is_wanted, &w);
		return r == 1 ? 0 : r == 0 ? -ENOENT : r;
	}
	r = text_format(file, sizeof(file), "%s.xml", stem);
	return r < 0 ? r : read_domain(a, file, g);
}

static int ask_vm(const char *name, void *data)
{
	CLEANUP(guest_free) struct guest g = { 0 };
	CLEANUP(conf_vm_free) struct conf_vm c = { 0 };
	const struct asking *a = data;
	const char *dot = strrchr(name, '.');
	char stem[NAME_LEN];
	bool defined;
	int r;

	if (!dot || strcmp(dot, ".ini") != 0 ||
	    text_format(stem, sizeof(stem), "%.*s", (int)(dot - name), name) < 0)
		return 0;
	r = find_domain(a, stem, &g);
	if (r < 0 && r != -ENOENT)
		return r;
	defined = r == 0;
	r = conf_vm_read(a->vms, defined ? g.name : stem, defined ? g.uuid : stem, &c,
			 a->why);
	if (r < 0)
		return r;
	if (!defined && c.devices.present && !c.devices.give_back)
		findings_remark(
			a->found,
			"%s: libvirt has no such VM, and so no hostdevs of it: only what stands in also is taken at boot",
			c.shown);
	if (!defined)
		r = text_copy(g.name, sizeof(g.name), stem);
	return r < 0 ? r : choose(a, &g, &c);
}

int early_ask(const struct host *h, struct early_list *list, struct findings *found,
	      char ret_why[static WHY_LEN])
{
	struct asking a = { h, -1, list, found, ret_why };
	CLEANUP(close_fd) int dir = -1, vms = -1;
	int r;

	list->n = 0;
	*found = (struct findings){ 0 };
	ret_why[0] = '\0';
	dir = openat(h->root, CONF_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT)
		return 0;
	r = dir < 0 ? -errno : ask_host(&a, dir);
	if (r == 0) {
		vms = openat(dir, "vms", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		a.vms = vms;
		r = vms >= 0          ? file_each(dir, "vms", ask_vm, &a)
		    : errno == ENOENT ? 0
				      : -errno;
	}
	if (r < 0 && !ret_why[0])
		why(ret_why, "/" CONF_DIR ": %s", strerror(-r));
	return r;
}
