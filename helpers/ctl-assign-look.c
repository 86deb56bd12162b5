// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign-look.c - what there is to choose from: cards, nodes, and what other VMs have */

#include "ctl-assign.h"

#include "file.h"
#include "guest.h"
#include "hotplug.h"
#include "text.h"
#include "virt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES_DIR "sys/devices/system/node"

bool cpus_has(const struct cpus *s, unsigned int cpu)
{
	return cpu < CPUS_ALL && s->bit[cpu / 8] >> cpu % 8 & 1;
}

static void set_range(struct cpus *s, unsigned long lo, unsigned long hi, bool value)
{
	for (; lo <= hi && lo < CPUS_ALL; lo++)
		if (value)
			s->bit[lo / 8] |= (unsigned char)(1u << lo % 8);
		else
			s->bit[lo / 8] &= (unsigned char)~(1u << lo % 8);
}

/* "0-3,8,^2"; what is no such list is no processor */
static void cpus_add(struct cpus *s, const char *list)
{
	while (*list) {
		bool out = *list == '^';
		char *end;
		unsigned long lo, hi;

		list += out;
		lo = hi = strtoul(list, &end, 10);
		if (end == list)
			return;
		if (*end == '-')
			hi = strtoul(end + 1, &end, 10);
		set_range(s, lo, hi, !out);
		list = end + strspn(end, ", \n");
	}
}

static bool cpus_meet(const struct cpus *a, const struct cpus *b)
{
	for (size_t i = 0; i < sizeof(a->bit); i++)
		if (a->bit[i] & b->bit[i])
			return true;
	return false;
}

static int add_node(const char *name, void *data)
{
	struct choosing *x = data;
	char path[PATH_LEN], list[2048];
	uint64_t n;

	if (strncmp(name, "node", 4) != 0 ||
	    text_number(name + 4, NODES_ALL - 1, &n) < 0 ||
	    text_format(path, sizeof(path), NODES_DIR "/%s/cpulist", name) < 0 ||
	    file_read(x->ctl->host.root, path, list, sizeof(list)) < 0)
		return 0;
	cpus_add(&x->node[n], list);
	x->nodes |= UINT64_C(1) << n;
	return 0;
}

/* where the VM's processors and memory are, as far as its XML says */
static void find_near(struct choosing *x)
{
	const struct guest *g = &x->domain->guest;
	struct cpus nodes = { 0 }, pins = { 0 };

	cpus_add(&nodes, g->numatune_nodeset);
	for (size_t i = 0; i < g->n_pins; i++)
		cpus_add(&pins, g->pins[i].cpuset);
	for (unsigned int n = 0; n < NODES_ALL; n++)
		if (x->nodes >> n & 1 &&
		    (cpus_has(&nodes, n) || cpus_meet(&pins, &x->node[n])))
			x->near |= UINT64_C(1) << n;
	/* pinned to all of them is not pinned */
	if (x->near == x->nodes)
		x->near = 0;
	if (x->near)
		return;
	x->strict = false;
	for (size_t i = 0; i < g->n_hostdevs; i++) {
		const struct card *c = cards_find(&x->cards, &g->hostdevs[i].bdf);

		if (c && card_is_gpu(c) && c->node >= 0 && c->node < NODES_ALL)
			x->near |= UINT64_C(1) << c->node;
	}
}

/* what allowed leaves out does not come with the start, whatever a tenant writes into his XML */
static int add_functions(struct choosing *x, const struct guest *g)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { .shown = "" };
	char unused[WHY_LEN];
	bool known = domain_conf(x->ctl, g, &conf, unused) == 0;
	struct others *o = &x->others;
	void *more =
		reallocarray(o->function, o->n + g->n_hostdevs, sizeof(*o->function));

	if (!more)
		return -ENOMEM;
	o->function = more;
	for (size_t i = 0; i < g->n_hostdevs; i++) {
		const struct bdf *b = &g->hostdevs[i].bdf;

		if (known && !conf_devices_allow(&conf.devices, b))
			continue;
		o->function[o->n].bdf = *b;
		snprintf(o->function[o->n++].vm, NAME_LEN, "%s", g->name);
	}
	return 0;
}

static int add_other(struct choosing *x, const struct guest *g)
{

	if (strcmp(g->uuid, x->domain->guest.uuid) == 0)
		return 0;
	for (size_t i = 0; i < g->n_pins; i++)
		cpus_add(&x->others.pinned, g->pins[i].cpuset);
	return g->n_hostdevs ? add_functions(x, g) : 0;
}

/* a VM that cannot be read may have any card */
static int add_domain(struct domain *d, const char *sentence, void *data)
{
	struct choosing *x = data;

	if (d)
		return add_other(x, &d->guest);
	why(x->others.why, "%s", sentence);
	return -EBADMSG;
}

static int add_xml(const char *xml, void *data)
{
	struct choosing *x = data;
	struct guest g;
	int r;

	if (guest_parse(xml, strlen(xml), &g, x->others.why) < 0)
		return -EBADMSG;
	r = add_other(x, &g);
	guest_free(&g);
	return r;
}

static int by_address(const void *a, const void *b)
{
	char x[BDF_LEN], y[BDF_LEN];

	bdf_format(&((const struct taken_by *)a)->bdf, x);
	bdf_format(&((const struct taken_by *)b)->bdf, y);
	return strcmp(x, y);
}

int choose_others(struct choosing *x, char ret_why[static WHY_LEN])
{
	CLEANUP(virt_close) struct virt *v = NULL;
	int r;

	why(ret_why, "not every VM can be looked at: virsh list --all shows them");
	if (ctl_is_here(x->ctl)) {
		r = virt_open(&v, ret_why);
		if (r == 0)
			r = virt_domains_each(v, add_xml, x, ret_why);
	} else {
		r = domains_each(x->ctl, add_domain, x);
	}
	if (r == -EBADMSG)
		why(ret_why,
		    "the XML of a VM cannot be read, which may have any card: %s: virsh list --all shows them",
		    x->others.why);
	if (r == 0 && x->others.n)
		qsort(x->others.function, x->others.n, sizeof(*x->others.function),
		      by_address);
	return r;
}

const char *choose_owner(const struct choosing *x, const struct bdf *b)
{
	struct taken_by key = { .bdf = *b }, *found = NULL;

	if (x->others.n)
		found = bsearch(&key, x->others.function, x->others.n, sizeof(key),
				by_address);
	return found ? found->vm : NULL;
}

static struct bundle *bundle_for(struct choosing *x, const struct card *c)
{
	for (size_t i = 0; i < x->n_bundles && c->group >= 0; i++)
		if (x->bundle[i].group == c->group)
			return &x->bundle[i];
	if (x->n_bundles == BUNDLES_MAX)
		return NULL;
	x->bundle[x->n_bundles] =
		(struct bundle){ .group = c->group, .node = c->node < 0 ? 0 : c->node };
	return &x->bundle[x->n_bundles++];
}

static bool has_already(const struct choosing *x, const struct bdf *b)
{
	const struct guest *g = &x->domain->guest;

	for (size_t i = 0; i < g->n_hostdevs; i++)
		if (bdf_equal(&g->hostdevs[i].bdf, b))
			return true;
	return false;
}

/* QEMU and VFIO have them together or not at all; a virtual function is a part of its card */
static bool goes_along(const struct card *c, const struct card *gpu)
{
	if (card_is_bridge(c))
		return false;
	return bdf_same_slot(&c->bdf, &gpu->bdf) ||
	       (c->group >= 0 && c->group == gpu->group) ||
	       (c->vf && strcmp(c->pf, gpu->name) == 0);
}

/* what speaks against @gpu by what other VMs have of it; "": nothing */
static void judge_parts(const struct choosing *x, const struct card *gpu,
			char ret_why[static WHY_LEN])
{
	for (size_t i = 0; i < x->cards.n && !ret_why[0]; i++) {
		const struct card *c = &x->cards.card[i];
		const char *vm = goes_along(c, gpu) ? choose_owner(x, &c->bdf) : NULL;

		if (vm && c == gpu)
			why(ret_why, "%s is in the XML of '%s'", c->name, vm);
		else if (vm)
			why(ret_why,
			    "%s: %s, which goes along with it, is in the XML of '%s'",
			    gpu->name, c->name, vm);
	}
}

static void judge(struct choosing *x, struct bundle *b)
{
	struct findings found;

	for (size_t i = 0; i < b->n && !b->why[0]; i++) {
		const struct card *c = cards_find(&x->cards, &b->gpu[i]);
		const char *kept = choose_kept(x, &b->gpu[i]);

		if (has_already(x, &b->gpu[i]))
			why(b->why, "%s is its own already", c->name);
		else if (c->boot_vga)
			why(b->why, "%s shows this host's console", c->name);
		else if (kept)
			why(b->why, "%s is kept for vGPUs: %s", c->name, kept);
		else
			judge_parts(x, c, b->why);
	}
	b->free = !b->why[0] && hotplug_judge(&x->ctl->host, &x->domain->guest, x->conf,
					      b->gpu, b->n, &found, b->why) == 0;
}

static void make_bundles(struct choosing *x)
{
	for (size_t i = 0; i < x->cards.n; i++) {
		const struct card *c = &x->cards.card[i];
		struct bundle *b = card_is_gpu(c) && !c->vf ? bundle_for(x, c) : NULL;

		if (b && b->n < BUNDLE_CARDS)
			b->gpu[b->n++] = c->bdf;
	}
	for (size_t i = 0; i < x->n_bundles; i++)
		judge(x, &x->bundle[i]);
}

int choose_look(struct choosing *x, char ret_why[static WHY_LEN])
{
	int r;

	x->node = calloc(NODES_ALL, sizeof(*x->node));
	x->bundle = calloc(BUNDLES_MAX, sizeof(*x->bundle));
	if (!x->node || !x->bundle) {
		why(ret_why, "no memory");
		return -ENOMEM;
	}
	r = file_each(x->ctl->host.root, NODES_DIR, add_node, x);
	if (r == 0 || r == -ENOENT) /* a kernel without NUMA */
		r = cards_read(&x->ctl->host, &x->cards);
	if (r < 0) {
		why(ret_why, "the cards of this host cannot be looked at: %s",
		    strerror(-r));
		return r;
	}
	find_near(x);
	r = choose_others(x, ret_why);
	if (r == 0)
		r = choose_keep(x, ret_why);
	if (r == 0)
		make_bundles(x);
	return r;
}

void choose_free(struct choosing *x)
{
	cards_free(&x->cards);
	free(x->others.function);
	free(x->kept);
	free(x->node);
	free(x->bundle);
	free(x->chosen);
}

const struct card *choose_sibling(const struct cards *s, const struct bdf *of,
				  const struct card *after)
{
	const struct card *c = after ? after + 1 : s->card;

	for (; c < s->card + s->n; c++)
		if (bdf_same_slot(&c->bdf, of) && !bdf_equal(&c->bdf, of) &&
		    !card_is_bridge(c) && !card_is_gpu(c))
			return c;
	return NULL;
}
