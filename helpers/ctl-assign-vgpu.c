// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign-vgpu.c - a VM is given vGPUs: places for them, hostdevs, and sections of its INI file */

#include "ctl-assign.h"

#include "ledger.h"
#include "placement.h"
#include "text.h"
#include "vms.h"
#include "wishes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/**
 * struct crowd - All VMs with an INI file, whose vGPUs count as taken
 * @vm:      Owned, @n
 */
struct crowd {
	struct vm *vm;
	size_t n, room;
};

static void crowd_free(struct crowd *c)
{
	for (size_t i = 0; i < c->n; i++)
		vm_free(&c->vm[i]);
	free(c->vm);
}

static int add_vm(struct vm *vm, const char *sentence, void *data)
{
	struct crowd *c = data;

	(void)sentence; /* what is wrong with another VM's files is its own affair */
	if (!vm || vm->conf.n_vgpus == 0)
		return 0;
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 16;
		void *more = reallocarray(c->vm, room, sizeof(*c->vm));

		if (!more)
			return -ENOMEM;
		c->vm = more;
		c->room = room;
	}
	c->vm[c->n++] = *vm;
	*vm = (struct vm){ 0 };
	return 0;
}

static bool has_name(const struct conf_vm *c, const char *name)
{
	for (size_t i = 0; i < c->n_vgpus; i++)
		if (strcmp(c->vgpu[i].name, name) == 0)
			return true;
	return false;
}

/* version 4 of RFC 9562 */
int assign_uuid(char ret[static UUID_LEN])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return -EIO;
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	return text_format(ret, UUID_LEN,
			   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
			   "%02x%02x%02x%02x%02x%02x",
			   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
			   b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* the sections as they are going to stand in the file */
static int make_sections(const struct choosing *x, const char *type, struct conf_vm *ret)
{
	unsigned int number = 1;
	int r = text_copy(ret->shown, sizeof(ret->shown), x->conf->shown);

	while (r == 0 && ret->n_vgpus < x->want) {
		struct conf_vgpu *v = &ret->vgpu[ret->n_vgpus];

		do
			r = text_format(v->name, sizeof(v->name), ASSIGNED "%u",
					number++);
		while (r == 0 && has_name(x->conf, v->name));
		if (r == 0)
			r = text_copy(v->type, sizeof(v->type), type);
		if (r == 0)
			r = text_copy(v->uuid, sizeof(v->uuid), x->uuid[ret->n_vgpus]);
		strcpy(v->gpu, "any");
		v->index = -1;
		ret->n_vgpus++;
	}
	return r;
}

static int read_host(const struct choosing *x, struct conf_host *ret,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd)
	int dir = openat(x->ctl->host.root, "etc/virt-handoff",
			 O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		return conf_host_read(dir, ret, ret_why);
	why(ret_why, "/etc/virt-handoff cannot be opened: %s", strerror(errno));
	return -errno;
}

/*
 * Where the framework is vendor, a vGPU must be one of the VM's hostdevs. It may get any
 * virtual function that nobody has, so for the placement it has all of them.
 */
static int have_all(struct choosing *x, struct guest *ret)
{
	const struct guest *g = &x->domain->guest;

	*ret = (struct guest){ 0 };
	memcpy(ret->name, g->name, sizeof(ret->name));
	ret->hostdevs = calloc(x->cards.n + 1, sizeof(*ret->hostdevs));
	if (!ret->hostdevs)
		return -ENOMEM;
	for (size_t i = 0; i < x->cards.n; i++)
		if (x->cards.card[i].vf && !choose_owner(x, &x->cards.card[i].bdf))
			ret->hostdevs[ret->n_hostdevs++].bdf = x->cards.card[i].bdf;
	return 0;
}

/* those of all others are placed first: what they will ask for is not given away */
static int place(struct choosing *x, const struct conf_vm *new, struct crowd *crowd,
		 struct wishes *w, char ret_why[static WHY_LEN])
{
	CLEANUP(ledgers_free) struct ledgers ledgers = { 0 };
	CLEANUP(guest_free) struct guest all = { 0 };
	struct conf_host host;
	int r = read_host(x, &host, ret_why);

	if (r == 0)
		r = ledgers_read(&x->ctl->host, "", &ledgers, ret_why);
	if (r < 0)
		return r;
	r = vms_each(&x->ctl->host, add_vm, crowd);
	for (size_t i = 0; i < crowd->n && r == 0; i++)
		r = wishes_add(w, &crowd->vm[i].conf,
			       crowd->vm[i].defined ? &crowd->vm[i].guest : NULL,
			       WISH_ALL);
	if (r == 0)
		r = have_all(x, &all);
	if (r == 0)
		r = wishes_add(w, new, &all, WISH_ALL);
	if (r < 0) {
		why(ret_why, "the vGPUs of all VMs cannot be looked at: %s",
		    strerror(-r));
		return r;
	}
	return wishes_place(&x->ctl->host, &host, &ledgers, w, ret_why);
}

static int add_mdev(struct domain_edits *e, size_t at, const char *uuid)
{
	char *text;

	if (asprintf(&text,
		     "    <hostdev mode='subsystem' type='mdev' model='vfio-pci'>\n"
		     "      <source>\n"
		     "        <address uuid='%s'/>\n"
		     "      </source>\n"
		     "    </hostdev>\n",
		     uuid) < 0)
		return -ENOMEM;
	return domain_edits_add(e, at, at, text);
}

/* the driver that makes the vGPU keeps the function: libvirt must not rebind it */
static int add_function(struct domain_edits *e, size_t at, const struct bdf *b)
{
	char *text = assign_hostdev(b, false);

	return text ? domain_edits_add(e, at, at, text) : -ENOMEM;
}

static int write_one(const struct conf_vgpu *v, const struct place *p, size_t at,
		     struct domain_edits *e, FILE *ini)
{
	struct bdf b;

	fprintf(ini, "\n[vgpu %s]\n", v->name);
	if (p->framework == VGPU_MDEV) {
		fprintf(ini, "uuid = %s\ntype = %s\ngpu = any\n", v->uuid, v->type);
		return add_mdev(e, at, v->uuid);
	}
	fprintf(ini, "type = %s\ngpu = %s\n", v->type, p->parent);
	return bdf_parse(p->parent, &b) < 0 ? -EINVAL : add_function(e, at, &b);
}

/* without the place in a file that is not written yet */
static void explain(const struct place *p, char ret_why[static WHY_LEN])
{
	const char *text = strstr(p->why, "]: ");

	why(ret_why, "%s", text ? text + 3 : p->why);
}

static void note(struct choosing *x, const struct conf_vgpu *v, const struct place *p)
{
	struct given_vgpu *g = &x->vgpu[x->n_vgpus++];
	bool mdev = p->framework == VGPU_MDEV;

	snprintf(g->name, sizeof(g->name), "%s", v->name);
	snprintf(g->function, sizeof(g->function), "%.*s", BDF_LEN - 1,
		 mdev ? "" : p->parent);
	snprintf(g->uuid, sizeof(g->uuid), "%s", mdev ? v->uuid : "");
}

int assign_vgpus(struct choosing *x, const char *type, size_t at, struct domain_edits *e,
		 char **ret_ini, char ret_why[static WHY_LEN])
{
	CLEANUP(crowd_free) struct crowd crowd = { 0 };
	CLEANUP(wishes_free) struct wishes w = { 0 };
	struct conf_vm new = { 0 };
	size_t len, first;
	FILE *ini;
	int r;

	if (x->want + x->conf->n_vgpus > VGPUS_MAX) {
		why(ret_why, "a VM has at most %d vGPUs", VGPUS_MAX);
		return -E2BIG;
	}
	r = choose_others(x, ret_why);
	if (r == 0)
		r = cards_read(&x->ctl->host, &x->cards);
	if (r == 0)
		r = make_sections(x, type, &new);
	if (r == 0)
		r = place(x, &new, &crowd, &w, ret_why);
	ini = r == 0 ? open_memstream(ret_ini, &len) : NULL;
	if (!ini)
		return r < 0 ? r : -ENOMEM;
	first = w.n - new.n_vgpus;
	for (size_t i = 0; i < new.n_vgpus &&r == 0; i++) {
		const struct place *p = &w.place[first + i];

		if (p->kind == PLACE_REFUSED) {
			explain(p, ret_why);
			r = -ENOSPC;
		} else {
			r = write_one(&new.vgpu[i], p, at, e, ini);
			note(x, &new.vgpu[i], p);
		}
	}
	fclose(ini);
	return r;
}
