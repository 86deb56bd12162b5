// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign-pin.c - a VM's processors and memory on the node of its cards */

#include "ctl-assign.h"

#include "log.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* false: it is on another node than those before; @node is -1 before the first one */
static bool joins(const struct choosing *x, const struct bdf *b, int *node)
{
	const struct card *c = cards_find(&x->cards, b);
	int of = c && c->node > 0 ? c->node : 0, before = *node;

	*node = of;
	return before < 0 || before == of;
}

/* of those that it has, and those that it gets; -1: they are on several */
static int node_of_gpus(const struct choosing *x)
{
	const struct guest *g = &x->domain->guest;
	bool one = true;
	int node = -1;

	for (size_t i = 0; i < g->n_hostdevs; i++) {
		const struct card *c = cards_find(&x->cards, &g->hostdevs[i].bdf);

		if (c && card_is_gpu(c))
			one = one && joins(x, &c->bdf, &node);
	}
	for (size_t i = 0; i < x->n_chosen; i++)
		one = one && joins(x, &x->chosen[i], &node);
	return one ? node : -1;
}

static void print_pins(const struct choosing *x, int node, FILE *f)
{
	unsigned int n = 0, vcpus = x->domain->guest.vcpus;

	for (unsigned int cpu = 0; cpu < CPUS_ALL && n < vcpus; cpu++)
		if (cpus_has(&x->node[node], cpu) && !cpus_has(&x->others.pinned, cpu))
			fprintf(f, "    <vcpupin vcpu='%u' cpuset='%u'/>\n", n++, cpu);
}

static unsigned int count_free(const struct choosing *x, int node)
{
	unsigned int n = 0;

	for (unsigned int cpu = 0; cpu < CPUS_ALL; cpu++)
		n += cpus_has(&x->node[node], cpu) && !cpus_has(&x->others.pinned, cpu);
	return n;
}

static char *pins_text(const struct choosing *x, bool tuned, int node)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	if (!tuned)
		fputs("  <cputune>\n", f);
	print_pins(x, node, f);
	if (!tuned)
		fputs("  </cputune>\n", f);
	fclose(f);
	return text;
}

static char *memory_text(int node)
{
	char *text;

	return asprintf(
		       &text,
		       "  <numatune>\n    <memory mode='strict' nodeset='%d'/>\n  </numatune>\n",
		       node) < 0
		       ? NULL
		       : text;
}

static int add(struct domain_edits *e, size_t at, char *text)
{
	return text ? domain_edits_add(e, at, at, text) : -ENOMEM;
}

/* in the order of the text: a <cputune> that is there stands behind <vcpu> */
static int write_pins(const struct choosing *x, const struct domain_text *t, int node,
		      struct domain_edits *e)
{
	int r = t->tuned ? 0 : add(e, t->vcpu_end, pins_text(x, false, node));

	if (r == 0)
		r = add(e, t->vcpu_end, memory_text(node));
	if (r == 0 && t->tuned)
		r = add(e, t->cputune, pins_text(x, true, node));
	return r;
}

int assign_pin(const struct choosing *x, const struct domain_text *t,
	       struct domain_edits *e, char ret_why[static WHY_LEN])
{
	const struct guest *g = &x->domain->guest;
	int node = node_of_gpus(x);

	if (t->pinned) {
		log_info("%s is pinned already, and stays as it is", g->name);
		return 0;
	}
	if (node < 0 || node >= NODES_ALL || !(x->nodes >> node & 1)) {
		why(ret_why,
		    "%s cannot be pinned: its cards are on several NUMA nodes; leave --pin out",
		    g->name);
		return -EINVAL;
	}
	if (t->vcpu_end == 0 || g->vcpus == 0) {
		why(ret_why, "%s cannot be pinned: its XML has no <vcpu>", g->name);
		return -EINVAL;
	}
	if (count_free(x, node) < g->vcpus) {
		why(ret_why,
		    "%s has %u virtual processors, and node %d, where its cards are, has %u to which no other VM is pinned: give it fewer, or leave --pin out",
		    g->name, g->vcpus, node, count_free(x, node));
		return -ENOSPC;
	}
	return write_pins(x, t, node, e);
}
