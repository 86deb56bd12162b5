// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-list-vgpus.c - virt-handoff list vgpus: the vGPUs that there are, and which VM has them */

#include "ctl-list.h"

#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define VENDOR_NVIDIA 0x10de

/**
 * struct seen - A vGPU
 * @id:      UUID of the mediated device, or the virtual function
 * @type:    NULL: a virtual function without types
 */
struct seen {
	const char *id;
	const struct vgpu_parent *parent;
	const struct vgpu_card *card;
	const struct vgpu_type *type;
	const struct owner *owner;
};

/**
 * struct listing - One run
 * @table, @json: Where it goes; one of them is NULL
 */
struct listing {
	const struct vgpus *v;
	const struct owners *owners;
	struct table *table;
	struct out *json;
};

static const char *type_shown(const struct vgpu_type *t)
{
	if (!t)
		return "-";
	return t->name[0] ? t->name : t->id;
}

/* "41:00.0/3" is what gpu = says in an INI file */
static void add_row(struct table *t, const struct seen *x)
{
	char vm[NAME_LEN], on[VGPU_DEVICE_LEN + 16];

	if (x->parent->index < 0)
		snprintf(on, sizeof(on), "%s", status_address(x->card->name));
	else
		snprintf(on, sizeof(on), "%s/%d", status_address(x->card->name),
			 x->parent->index);
	table_row(t, (const char *const[]){ x->id, on, owner_shown(x->owner, vm),
					    type_shown(x->type) });
}

static void put(struct out *o, const struct seen *x)
{
	out_object(o, NULL);
	out_text(o, "id", x->id);
	out_text(o, "parent", x->parent->name);
	out_text(o, "card", x->card->name);
	if (x->parent->index >= 0)
		out_number(o, "index", x->parent->index);
	out_text(o, "type", x->type ? x->type->id : NULL);
	out_text(o, "type_name", x->type && x->type->name[0] ? x->type->name : NULL);
	if (x->type && x->type->size_mib)
		out_number(o, "framebuffer_mib", x->type->size_mib);
	owner_put(x->owner, o);
	out_end(o);
}

static void say(const struct listing *l, struct seen *x)
{
	x->owner = owners_find(l->owners, x->id);
	if (l->json)
		put(l->json, x);
	else
		add_row(l->table, x);
}

static const struct vgpu_type *find_type(const struct vgpu_card *c, const char *id)
{
	for (size_t i = 0; i < c->n_types; i++)
		if (strcmp(c->type[i].id, id) == 0)
			return &c->type[i];
	return NULL;
}

/* a virtual function is a vGPU when it has a type, or, without types, when a VM has it */
static void say_function(const struct listing *l, const struct vgpu_parent *p)
{
	struct seen x = { .id = p->name, .parent = p, .card = &l->v->card[p->card] };

	if (p->framework == VGPU_VENDOR && p->current[0])
		x.type = find_type(x.card, p->current);
	else if (p->framework != VGPU_VF || !owners_find(l->owners, p->name))
		return;
	say(l, &x);
}

static void say_all(const struct listing *l)
{
	for (size_t i = 0; i < l->v->n_mdevs; i++) {
		const struct vgpu_mdev *m = &l->v->mdev[i];
		const struct vgpu_parent *p = &l->v->parent[m->parent];
		struct seen x = { .id = m->uuid,
				  .parent = p,
				  .card = &l->v->card[p->card],
				  .type = &l->v->card[p->card].type[m->type] };

		say(l, &x);
	}
	for (size_t i = 0; i < l->v->n_parents; i++)
		say_function(l, &l->v->parent[i]);
}

static int print_table(const struct vgpus *v, const struct owners *owners)
{
	static const char *const head[] = { "VGPU", "ON", "VM", "TYPE" };
	struct table t;
	struct listing l = { .v = v, .owners = owners, .table = &t };
	int r;

	table_begin(&t, head, ARRAY_LEN(head));
	say_all(&l);
	if (t.n_cells == 0 && !t.failed)
		printf("there is no vGPU; virt-handoff list types says which can be made\n");
	r = table_print(&t, stdout);
	table_free(&t);
	return r;
}

static int print_json(const struct vgpus *v, const struct owners *owners)
{
	CLEANUP(out_free) struct out *o = out_new();
	struct listing l = { .v = v, .owners = owners, .json = o };

	out_array(o, "vgpus");
	say_all(&l);
	out_end(o);
	return out_print(o, stdout);
}

/*
 * CloudPods finds mediated devices that there are by the devices that they are made on, which
 * it wants as bus:slot.function; domain 0000 is written into its program, and what it does not
 * find in sys/class/mdev_bus it reports as an error.
 * Source: cloudpods, pkg/hostman/isolated_device, probeNVIDIAVgpus() and getNvidiaVGpus();
 * its manual, "NVIDIA vGPU", for the place in /etc/yunion/host.conf
 */
static bool is_for_cloudpods(const struct vgpus *v, const struct vgpu_parent *p)
{
	const struct vgpu_card *c = &v->card[p->card];

	return c->pci && c->id.vendor == VENDOR_NVIDIA && c->bdf.domain == 0 &&
	       p->framework == VGPU_MDEV;
}

/* once a card: its functions are all the same */
static void say_left_out(const struct vgpu_card *c)
{
	log_warning(
		"%s is left out: %s", c->name,
		c->bdf.domain
			? "CloudPods knows PCI domain 0000 only"
			: "it has no mediated devices, which are all that CloudPods knows");
}

static int print_cloudpods(const struct vgpus *v)
{
	const struct vgpu_card *last = NULL;
	size_t n = 0;
	int r = CTL_DONE;

	for (size_t i = 0; i < v->n_parents; i++)
		n += is_for_cloudpods(v, &v->parent[i]);
	printf("nvidia_vgpu_pfs:%s\n", n ? "" : " []");
	for (size_t i = 0; i < v->n_parents; i++) {
		const struct vgpu_parent *p = &v->parent[i];
		const struct vgpu_card *c = &v->card[p->card];

		if (is_for_cloudpods(v, p))
			printf("- %s\n", status_address(p->name));
		else if (c->id.vendor == VENDOR_NVIDIA && p->framework != VGPU_NONE &&
			 c != last) {
			say_left_out(c);
			last = c;
			r = CTL_LOOK;
		}
	}
	return r;
}

static int print(struct ctl *c, const struct vgpus *v)
{
	CLEANUP(owners_free) struct owners owners = { 0 };
	char sentence[WHY_LEN];
	int r;

	if (owners_read(c, &owners, sentence) < 0) {
		log_err("%s", sentence);
		return CTL_FAILED;
	}
	r = c->json ? print_json(v, &owners) : print_table(v, &owners);
	return r < 0 ? (log_errno(r, "list vgpus"), CTL_FAILED) : CTL_DONE;
}

int ctl_list_vgpus(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(vgpus_free) struct vgpus v = { 0 };
	bool cloudpods = argc == 2 && strcmp(argv[1], "--cloudpods") == 0;
	/* of types that nobody asks about, no driver is asked */
	const char *const none[] = { NULL };
	int r;

	if (argc > 1 && !cloudpods)
		return ctl_usage("list vgpus [--cloudpods]");
	/* before the owners, for whom less time is taken */
	r = vgpus_read(&c->host, none, 0, &v);
	if (r < 0) {
		log_errno(r, "list vgpus");
		return CTL_FAILED;
	}
	list_warn_silent(&v);
	return cloudpods ? print_cloudpods(&v) : print(c, &v);
}
