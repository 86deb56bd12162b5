// SPDX-License-Identifier: GPL-2.0-or-later
/* draft-vgpus.c - which vGPUs a VM asks for: sections [vgpu NAME] */

#include "draft.h"

#include "vgpu.h"

#include <errno.h>
#include <string.h>

static const char *type_name(const struct vgpu_type *t)
{
	return t->name[0] ? t->name : t->id;
}

static struct draft_section *open_section(struct draft *d, size_t number)
{
	char name[24];

	snprintf(name, sizeof(name), "%zu", number);
	return draft_open(d, "vgpu", name);
}

static void no_type(struct draft *d, struct draft_section *s, const char *what,
		    const char *state)
{
	s->off = true;
	draft_note(
		s,
		"%s %s, and nothing says of which type it is to be: write it, and take the # away.",
		what, state);
	draft_ask(
		d,
		"[vgpu %s]: %s %s: find its type with virt-handoff list types, and write it into the file",
		s->name, what, state);
}

/**
 * struct claim - A vGPU that the XML names, and who else names it
 * @uuid:    Of a mediated device, or ""
 * @bdf:     Of a function, when @uuid is ""
 * @vm:      The other VM, "" none
 */
struct claim {
	const struct draft *d;
	const char *uuid;
	struct bdf bdf;
	char vm[NAME_LEN];
};

static bool names(const struct guest *g, const struct claim *c)
{
	for (size_t i = 0; i < g->n_mdevs; i++)
		if (c->uuid[0] && strcmp(g->mdevs[i].uuid, c->uuid) == 0)
			return true;
	for (size_t i = 0; i < g->n_hostdevs; i++)
		if (!c->uuid[0] && bdf_equal(&g->hostdevs[i].bdf, &c->bdf))
			return true;
	return false;
}

static int is_anothers(struct domain *domain, const char *sentence, void *data)
{
	struct claim *c = data;

	(void)sentence;
	if (!domain || strcmp(domain->guest.uuid, c->d->domain->guest.uuid) == 0 ||
	    !names(&domain->guest, c))
		return 0;
	snprintf(c->vm, sizeof(c->vm), "%s", domain->guest.name);
	return 1;
}

/* The XML may be a tenant's, who has written what is another's: 1, 0, or -errno. */
static int skip_anothers(struct draft *d, struct draft_section *s, const char *what,
			 struct claim *c)
{
	int r = domains_each(d->ctl, is_anothers, c);

	if (r <= 0)
		return r;
	s->off = true;
	draft_note(
		s,
		"%s is in the XML of %s too, and a VM with a vGPU that is another's does not start.",
		what, c->vm);
	draft_ask(
		d,
		"[vgpu %s]: %s is in the XML of %s too: find out whose it is, and take it out of the other XML with virsh edit",
		s->name, what, c->vm);
	return 1;
}

static int draft_mdev(struct draft *d, const struct vgpus *v, const char *uuid,
		      size_t number)
{
	struct draft_section *s = open_section(d, number);
	const struct vgpu_mdev *m = vgpus_mdev(v, uuid);
	const struct vgpu_card *c;
	int r;

	if (!s)
		return -E2BIG;
	draft_set(s, "uuid", uuid);
	r = skip_anothers(d, s, uuid, &(struct claim){ .d = d, .uuid = uuid });
	if (r != 0)
		return r < 0 ? r : 0;
	if (!m) {
		no_type(d, s, uuid, "is not there now");
		return 0;
	}
	c = &v->card[v->parent[m->parent].card];
	if (c->silent && !c->type[m->type].name[0]) {
		no_type(d, s, uuid, "is on a card whose driver does not answer");
		return 0;
	}
	draft_note(s, "It is there now, on %s.", v->parent[m->parent].name);
	draft_set(s, "type", type_name(&c->type[m->type]));
	draft_set(s, "gpu", c->name);
	draft_set(s, "create", "boot");
	draft_say(d, "vGPU %s: %s, on %s", uuid, type_name(&c->type[m->type]), c->name);
	return 0;
}

static int draft_function(struct draft *d, const struct vgpus *v,
			  const struct vgpu_parent *p, size_t number)
{
	struct draft_section *s = open_section(d, number);
	const struct vgpu_card *c = &v->card[p->card];
	struct claim claim = { .d = d, .uuid = "" };
	const char *type = NULL;
	int r;

	if (!s)
		return -E2BIG;
	for (size_t i = 0; i < c->n_types; i++)
		if (strcmp(c->type[i].id, p->current) == 0)
			type = type_name(&c->type[i]);
	draft_set(s, "gpu", p->name);
	r = bdf_parse(p->name, &claim.bdf) < 0 ? 0 : skip_anothers(d, s, p->name, &claim);
	if (r != 0)
		return r < 0 ? r : 0;
	if (!type) {
		no_type(d, s, p->name,
			c->silent ? "is of a card whose driver does not answer"
				  : "has no type now");
		return 0;
	}
	draft_set(s, "type", type);
	draft_set(s, "create", "boot");
	draft_say(d, "vGPU %s: %s", p->name, type);
	return 0;
}

int draft_vgpus(struct draft *d)
{
	const struct guest *g = &d->domain->guest;
	struct vgpus v = { 0 };
	size_t n = 0;
	/* what a type is called, not how many more fit: that is quick */
	const char *const none[] = { NULL };
	int r = vgpus_read(&d->ctl->host, none, 0, &v);

	for (size_t i = 0; i < g->n_mdevs && r == 0; i++)
		r = draft_mdev(d, &v, g->mdevs[i].uuid, ++n);
	for (size_t i = 0; i < g->n_hostdevs && r == 0; i++) {
		char name[BDF_LEN];
		const struct vgpu_parent *p;

		bdf_format(&g->hostdevs[i].bdf, name);
		p = vgpus_parent(&v, name);
		if (p && p->framework == VGPU_VENDOR)
			r = draft_function(d, &v, p, ++n);
	}
	if (r == 0 && n == 0) {
		struct draft_section *s = draft_open(d, "vgpu", "desk");

		if (s) {
			s->off = true;
			draft_note(
				s,
				"The domain XML has no mediated device and no virtual function for vGPUs.");
		}
	}
	vgpus_free(&v);
	return r;
}
