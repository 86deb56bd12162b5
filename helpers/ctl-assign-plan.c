// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign-plan.c - what a VM is going to be started with, and writing it */

#include "ctl-assign.h"

#include "file.h"
#include "log.h"
#include "save.h"
#include "text.h"
#include "virt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INI_MOST (1u << 20)

void assign_forget(struct assigning *a)
{
	domain_free(&a->domain);
	domain_edits_free(&a->edits);
	free(a->xml);
	free(a->chosen);
	free(a->ini);
	free(a->sections);
	free(a->former);
	a->xml = a->ini = a->sections = a->former = NULL;
	a->chosen = NULL;
	a->n_chosen = a->n_vgpus = 0;
}

char *assign_hostdev(const struct bdf *b, bool managed)
{
	char *text;

	return asprintf(
		       &text,
		       "    <hostdev mode='subsystem' type='pci' managed='%s'>\n"
		       "      <source>\n"
		       "        <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
		       "      </source>\n"
		       "    </hostdev>\n",
		       managed ? "yes" : "no", b->domain, b->bus, b->slot,
		       b->function) < 0
		       ? NULL
		       : text;
}

static int put_in(struct assigning *a, size_t at, const struct bdf *b)
{
	char *text = assign_hostdev(b, true);

	return text ? domain_edits_add(&a->edits, at, at, text) : -ENOMEM;
}

static int put_card(struct assigning *a, const struct choosing *x, size_t at,
		    const struct bdf *b)
{
	const struct card *c = NULL;
	int r = put_in(a, at, b);

	while (r == 0 && a->functions && (c = choose_sibling(&x->cards, b, c)))
		r = put_in(a, at, &c->bdf);
	return r;
}

static size_t count_gpus(const struct assigning *a)
{
	const struct guest *g = &a->domain.guest;
	size_t n = 0;

	for (size_t i = 0; i < g->n_hostdevs; i++) {
		char name[BDF_LEN];
		struct card c;

		bdf_format(&g->hostdevs[i].bdf, name);
		n += card_read(&a->ctl->host, name, &c) == 0 && card_is_gpu(&c);
	}
	return n;
}

static int read_conf(struct assigning *a, struct conf_vm *ret)
{
	int r = domain_conf(a->ctl, &a->domain.guest, ret, a->why);

	return r == -ENOENT ? conf_vm_standard(a->domain.guest.name, ret) : r;
}

/* why not those */
static void say_busy(const struct choosing *x)
{
	for (size_t i = 0; i < x->n_bundles; i++)
		if (!x->bundle[i].free)
			log_info("%s", x->bundle[i].why);
}

static int plan_gpus(struct assigning *a, const struct domain_text *t)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	CLEANUP(choose_free)
	struct choosing x = { .ctl = a->ctl, .domain = &a->domain, .conf = &conf };
	size_t have = count_gpus(a);
	int r = read_conf(a, &conf);

	if (r == 0 && have > a->gpus) {
		why(a->why,
		    "%s has %zu GPUs, more than %zu: virt-handoff assign %s --none takes them out",
		    a->domain.guest.name, have, a->gpus, guest_typed(&a->domain.guest));
		return -EINVAL;
	}
	if (r < 0 || (have == a->gpus && !a->pin))
		return r;
	x.want = a->gpus - have;
	x.strict = !a->any_node;
	r = choose_look(&x, a->why);
	if (r == 0)
		r = choose_cards(&x, a->why);
	if (r == -ENOSPC)
		say_busy(&x);
	if (r == 0 && a->pin)
		r = assign_pin(&x, t, &a->edits, a->why);
	for (size_t i = 0; i < x.n_chosen && r == 0; i++)
		r = put_card(a, &x, t->devices_end, &x.chosen[i]);
	a->chosen = TAKE_PTR(x.chosen);
	a->n_chosen = x.n_chosen;
	return r;
}

/* -ENOENT: it has no INI file */
static int read_ini(struct assigning *a, char **ret)
{
	CLEANUP(close_fd) int fd = -1;
	char name[SAVE_PATH_LEN], path[PATH_LEN];
	ssize_t n;
	int r = save_path(a->ctl->host.root, &a->domain.guest, name);

	if (r == 0)
		r = text_format(path, sizeof(path), INI_FOLDER "/%s", name);
	if (r < 0)
		return r;
	fd = openat(a->ctl->host.root, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -errno : file_read_all(fd, INI_MOST, ret);
	return n < 0 ? (int)n : 0;
}

static size_t count_vgpus(const struct assigning *a, const struct conf_vm *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_vgpus; i++)
		n += strcmp(c->vgpu[i].type, a->type) == 0;
	return n;
}

static int plan_vgpus(struct assigning *a, const struct domain_text *t)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	CLEANUP(choose_free)
	struct choosing x = { .ctl = a->ctl, .domain = &a->domain, .conf = &conf };
	int r = domain_conf(a->ctl, &a->domain.guest, &conf, a->why);
	size_t have = r == 0 ? count_vgpus(a, &conf) : 0;

	if (r == 0 && have > a->gpus) {
		why(a->why,
		    "%s has %zu vGPUs of this type, more than %zu: virt-handoff assign %s --none takes out those that assign wrote",
		    a->domain.guest.name, have, a->gpus, guest_typed(&a->domain.guest));
		return -EINVAL;
	}
	if (r < 0 || have == a->gpus)
		return r;
	x.want = a->gpus - have;
	x.uuid = (const char(*)[UUID_LEN])a->uuid;
	x.vgpu = a->vgpu;
	r = read_ini(a, &a->former);
	if (r == 0)
		r = assign_vgpus(&x, a->type, t->devices_end, &a->edits, &a->sections,
				 a->why);
	a->n_vgpus = x.n_vgpus;
	if (r < 0)
		return r;
	a->ini = assign_ini_with(a->former, a->sections);
	return a->ini ? 0 : -ENOMEM;
}

static bool is_of_gpu(struct assigning *a, const struct bdf *b)
{
	struct bdf of = *b;
	char name[BDF_LEN];
	struct card c;

	for (of.function = 0; of.function < 8; of.function++) {
		bdf_format(&of, name);
		/* a virtual function stands alone: its slot is another one's */
		if (card_read(&a->ctl->host, name, &c) == 0 && card_is_gpu(&c) &&
		    (!c.vf || bdf_equal(&of, b)))
			return true;
	}
	return false;
}

static bool goes(struct assigning *a, const struct conf_vm *c,
		 const struct domain_hostdev *d)
{
	char name[BDF_LEN];
	struct card card;

	if (d->uuid[0])
		return assign_is_own(c, d->uuid);
	bdf_format(&d->bdf, name);
	if (card_read(&a->ctl->host, name, &card) != -ENODEV)
		return is_of_gpu(a, &d->bdf);
	log_info("%s is not on this host, and is taken out too", name);
	return true;
}

static int plan_none(struct assigning *a, const struct domain_text *t)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	int r = read_conf(a, &conf);

	for (size_t i = 0; i < t->n && r == 0; i++)
		if (goes(a, &conf, &t->hostdev[i]))
			r = domain_edits_add(&a->edits, t->hostdev[i].from,
					     t->hostdev[i].to, NULL);
	if (r < 0 || read_ini(a, &text) < 0 || !text)
		return r;
	a->ini = assign_ini_without(text, &a->sections);
	if (!a->ini)
		return -ENOMEM;
	if (!*a->sections)
		free(TAKE_PTR(a->ini));
	return 0;
}

/* looks, chooses, and makes the new XML */
int assign_plan(struct assigning *a)
{
	CLEANUP(domain_text_free) struct domain_text t = { 0 };
	int r;

	assign_forget(a);
	why(a->why, "the XML of %s cannot be edited", a->vm);
	r = domain_read(a->ctl, a->vm, &a->domain, a->why);
	if (r == 0)
		r = domain_text_look(a->domain.xml, &t);
	if (r == 0)
		r = a->none   ? plan_none(a, &t)
		    : a->type ? plan_vgpus(a, &t)
			      : plan_gpus(a, &t);
	if (r == 0 && (a->edits.n > 0 || a->ini)) {
		a->xml = domain_edits_apply(&a->edits, a->domain.xml);
		r = a->xml ? 0 : -ENOMEM;
	}
	return r;
}

static int write_ini(struct assigning *a, const char *text)
{
	char path[SAVE_PATH_LEN];
	int r = save_path(a->ctl->host.root, &a->domain.guest, path);

	if (r == 0)
		r = save_text(a->ctl->host.root, path, text, true);
	if (r < 0)
		why(a->why, "/" INI_FOLDER "/%s cannot be written: %s", path,
		    strerror(-r));
	return r;
}

/*
 * A section without its hostdev makes a vGPU that nobody uses; a hostdev without its section
 * keeps the VM from starting. So the section comes first, and goes last.
 */
int assign_define(struct assigning *a)
{
	CLEANUP(virt_close) struct virt *v = NULL;
	char sentence[WHY_LEN];
	int r = virt_open(&v, a->why);

	if (r == 0 && a->ini && !a->none)
		r = write_ini(a, a->ini);
	if (r < 0)
		return r;
	r = virt_domain_define(v, a->xml, sentence);
	if (r == 0 && a->ini && a->none)
		return write_ini(a, a->ini);
	if (r < 0 && a->ini && !a->none && write_ini(a, a->former) < 0)
		log_err("%s", a->why);
	if (r < 0)
		why(a->why, "%s", sentence);
	return r;
}
