// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-numa.c - checks: CPUs, memory and huge pages of a VM on the node of its cards */

#include "ctl-check.h"

#include "file.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SET_MAX 8192 /* NR_CPUS of distributions; nodes are fewer */

/* a set of CPUs or of nodes */
struct set {
	bool has[SET_MAX];
	size_t n;
};

static void set_range(struct set *s, unsigned long from, unsigned long to, bool has)
{
	for (unsigned long i = from; i <= to && i < SET_MAX; i++) {
		s->n += (size_t)has - (size_t)s->has[i];
		s->has[i] = has;
	}
}

/* "0-15,32-47,^3"; Source: libvirt docs/formatdomain.rst, cpuset; cpuset(7) */
static void set_add(struct set *s, const char *text)
{
	while (*text) {
		bool has = *text != '^';
		unsigned long from, to;
		char *end;

		text += !has;
		from = to = strtoul(text, &end, 10);
		if (end == text)
			return;
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		set_range(s, from, to, has);
		text = end + (*end == ',');
		if (text == end && *end)
			return;
	}
}

static bool set_is_within(const struct set *a, const struct set *b)
{
	for (size_t i = 0; i < SET_MAX; i++)
		if (a->has[i] && !b->has[i])
			return false;
	return true;
}

static int count_node(const char *name, void *data)
{
	unsigned int node;

	*(unsigned int *)data += sscanf(name, "node%u", &node) == 1;
	return 0;
}

/* a host of one node has nothing to get wrong */
static bool has_nodes(const struct checkup *x)
{
	unsigned int n = 0;

	return file_each(x->host->root, "sys/devices/system/node", count_node, &n) == 0 &&
	       n > 1;
}

/**
 * struct place - Where a VM's GPUs are
 * @nodes:   Their nodes; none when the host has one only
 * @cpus:    The CPUs of these nodes
 * @gpu:     One of them, and its node, for the sentence
 */
struct place {
	struct set nodes, cpus;
	const char *gpu;
	int node;
};

static void add_card(const struct check_at *at, const struct card *c, struct place *p)
{
	char path[64], list[4096];

	if (!card_is_gpu(c) || c->node < 0)
		return;
	set_range(&p->nodes, (unsigned long)c->node, (unsigned long)c->node, true);
	p->gpu = c->name;
	p->node = c->node;
	if (text_format(path, sizeof(path), "sys/devices/system/node/node%d/cpulist",
			c->node) == 0)
		set_add(&p->cpus, check_read(at->x, path, list, sizeof(list)));
}

static void find_place(const struct check_at *at, struct place *p)
{
	bool nodes = has_nodes(at->x);

	*p = (struct place){ .node = -1 };
	for (size_t i = 0; i < at->v->n_taken && nodes; i++) {
		const struct card *c = cards_find(&at->x->cards, &at->v->taken[i]);

		if (c)
			add_card(at, c, p);
	}
}

static void cpus_far(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;
	struct set pinned = { .n = 0 };
	struct place p;

	find_place(at, &p);
	for (size_t i = 0; i < g->n_pins; i++)
		set_add(&pinned, g->pins[i].cpuset);
	if (g->n_pins < g->vcpus)
		set_add(&pinned, g->cpuset);
	if (p.cpus.n == 0 || pinned.n == 0 || set_is_within(&pinned, &p.cpus))
		return;
	check_mend(
		check_found(
			at,
			"%s: vCPUs are pinned to CPUs that are not on NUMA node %d, where its card %s is",
			g->name, p.node, p.gpu),
		"virsh vcpupin %s VCPU CPU --config, with CPUs of node %d: /sys/devices/system/node/node%d/cpulist",
		guest_typed(g), p.node, p.node);
}

static void memory_far(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;
	struct set nodes = { .n = 0 };
	struct place p;

	find_place(at, &p);
	set_add(&nodes, g->numatune_nodeset);
	if (p.nodes.n == 0 || nodes.n == 0 || set_is_within(&nodes, &p.nodes))
		return;
	check_mend(
		check_found(
			at,
			"%s: memory comes from NUMA node %s, and its card %s is on node %d",
			g->name, g->numatune_nodeset, p.gpu, p.node),
		"virsh numatune %s --nodeset %d --config", guest_typed(g), p.node);
}

static void not_placed(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;
	struct place p;

	find_place(at, &p);
	if (p.nodes.n == 0 || g->n_pins > 0 || g->cpuset[0] || g->numatune_nodeset[0])
		return;
	check_mend(
		check_found(
			at,
			"%s: its card %s is on NUMA node %d, and neither vCPUs nor memory are told to be there",
			g->name, p.gpu, p.node),
		"virsh edit %s: <vcpu cpuset=...>, <cputune><vcpupin> and <numatune>",
		guest_typed(g));
}

/* ---- huge pages ---- */

static unsigned long long read_number(const struct checkup *x, const char *path)
{
	char text[32];

	return strtoull(check_read(x, path, text, sizeof(text)), NULL, 10);
}

/* Hugepagesize of /proc/meminfo, KiB */
static unsigned long long standard_page(const struct checkup *x)
{
	char text[8192];
	const char *line = strstr(check_read(x, "proc/meminfo", text, sizeof(text)),
				  "Hugepagesize:");

	return line ? strtoull(line + strlen("Hugepagesize:"), NULL, 10) : 0;
}

/**
 * struct pages - Huge pages that a VM asks for, and those that are free
 * @kib:     Size of one
 * @needed:  How many
 * @free:    Of the nodes that its memory may come from, or of the whole host
 * @near:    Of the node of its card, or @free where there is none
 * @offered: The kernel has pages of this size
 */
struct pages {
	unsigned long long kib, needed, free, near;
	bool offered;
};

static unsigned long long free_on(const struct checkup *x, unsigned int node,
				  unsigned long long kib)
{
	char path[128];

	if (text_format(
		    path, sizeof(path),
		    "sys/devices/system/node/node%u/hugepages/hugepages-%llukB/free_hugepages",
		    node, kib) < 0)
		return 0;
	return read_number(x, path);
}

static bool count_pages(const struct check_at *at, struct pages *p)
{
	const struct guest *g = &at->v->vm.guest;
	struct set nodes = { .n = 0 };
	struct place place;
	char path[128];

	*p = (struct pages){ .kib = g->hugepage_kib };
	if (!p->kib)
		p->kib = standard_page(at->x);
	if (!g->hugepages || !p->kib || at->v->running ||
	    text_format(path, sizeof(path),
			"sys/kernel/mm/hugepages/hugepages-%llukB/free_hugepages",
			p->kib) < 0)
		return false;
	find_place(at, &place);
	p->offered = file_exists(at->x->host->root, path);
	p->needed = (g->memory_kib + p->kib - 1) / p->kib;
	p->free = read_number(at->x, path);
	p->near = place.node < 0 ? p->free
				 : free_on(at->x, (unsigned int)place.node, p->kib);
	set_add(&nodes, g->numatune_nodeset);
	if (nodes.n == 0 || !has_nodes(at->x))
		return true;
	p->free = 0;
	for (unsigned int i = 0; i < SET_MAX; i++)
		if (nodes.has[i])
			p->free += free_on(at->x, i, p->kib);
	return true;
}

static void pages_missing(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;
	struct pages p;

	if (!count_pages(at, &p) || (p.offered && p.free >= p.needed))
		return;
	if (!p.offered) {
		check_mend(
			check_found(
				at,
				"%s asks for huge pages of %llu KiB, which this kernel does not have",
				g->name, p.kib),
			"ls /sys/kernel/mm/hugepages, and write one of these sizes into <memoryBacking>");
		return;
	}
	check_mend(
		check_found(
			at, "%s needs %llu huge pages of %llu KiB, and %llu are free%s%s",
			g->name, p.needed, p.kib, p.free,
			g->numatune_nodeset[0] ? " on node " : "", g->numatune_nodeset),
		"reserve them at boot: default_hugepagesz=%lluK hugepages=N on the kernel's command line; now, as far as there is room: nr_hugepages in /sys/devices/system/node/nodeN/hugepages",
		p.kib);
}

static void pages_far(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;
	struct pages p;

	if (!count_pages(at, &p) || g->numatune_nodeset[0] || p.free < p.needed ||
	    p.near >= p.needed)
		return;
	check_mend(
		check_found(
			at,
			"%s needs %llu huge pages of %llu KiB, and %llu are free on the node of its card",
			g->name, p.needed, p.kib, p.near),
		"write more into nr_hugepages of that node, below /sys/devices/system/node");
}

#define FAR \
	"each access goes through the link between the processors, which costs time and is shared by all"

/* clang-format off */
static const struct check checks[] = {
	{ "numa-cpus", CHECK_WARNING, FAR, CHECK_VM, cpus_far },
	{ "numa-memory", CHECK_WARNING, FAR, CHECK_VM, memory_far },
	{ "numa-not-set", CHECK_NOTE, FAR, CHECK_VM, not_placed },
	{ "hugepages-missing", CHECK_FAIL,
	  "QEMU gets no memory, and the VM does not start",
	  CHECK_VM, pages_missing },
	{ "hugepages-far", CHECK_WARNING, FAR, CHECK_VM, pages_far },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_numa = { "numa", checks };
