// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign-choose.c - which of the free cards a VM is given */

#include "ctl-assign.h"

#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t free_on(const struct choosing *x, uint64_t nodes)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_bundles; i++)
		if (x->bundle[i].free && x->bundle[i].node < NODES_ALL &&
		    nodes >> x->bundle[i].node & 1)
			n += x->bundle[i].n;
	return n;
}

/*
 * The number is reached exactly, by as few bundles as do: which number the bundles up to
 * one of them can reach is written down, and the way back from the last one followed.
 */
static int take_from(struct choosing *x, uint64_t nodes, size_t want)
{
	size_t n = x->n_bundles, width = want + 1;
	CLEANUP(free_ptr) bool *reach = calloc((n + 1) * width, sizeof(*reach));

	if (!reach)
		return -ENOMEM;
	reach[n * width] = true;
	for (size_t i = n; i-- > 0;) {
		const struct bundle *b = &x->bundle[i];
		bool usable = b->free && b->node < NODES_ALL && nodes >> b->node & 1;

		for (size_t k = 0; k <= want; k++)
			reach[i * width + k] = reach[(i + 1) * width + k] ||
					       (usable && k >= b->n &&
						reach[(i + 1) * width + k - b->n]);
	}
	if (!reach[want])
		return -ENOSPC;
	/* the first that leads there: lower addresses are given first */
	for (size_t i = 0; i < n && want > 0; i++) {
		const struct bundle *b = &x->bundle[i];

		if (!b->free || b->node >= NODES_ALL || !(nodes >> b->node & 1) ||
		    want < b->n || !reach[(i + 1) * width + want - b->n])
			continue;
		memcpy(x->chosen + x->n_chosen, b->gpu, b->n * sizeof(*b->gpu));
		x->n_chosen += b->n;
		want -= b->n;
	}
	return 0;
}

static int best_node(const struct choosing *x, uint64_t left)
{
	int best = -1;

	for (int n = 0; n < NODES_ALL; n++)
		if (left >> n & 1 &&
		    (best < 0 ||
		     free_on(x, UINT64_C(1) << n) > free_on(x, UINT64_C(1) << best)))
			best = n;
	return best;
}

/* the node with the most free cards, and as many further ones as it takes */
static int take_anywhere(struct choosing *x)
{
	uint64_t nodes = 0, left = UINT64_MAX;
	int r = -ENOSPC;

	while (r == -ENOSPC && left) {
		int n = best_node(x, left);

		nodes |= UINT64_C(1) << n;
		left &= ~(UINT64_C(1) << n);
		r = take_from(x, nodes, x->want);
	}
	return r;
}

static void explain(const struct choosing *x, uint64_t nodes,
		    char ret_why[static WHY_LEN])
{
	size_t n = free_on(x, nodes), all = free_on(x, UINT64_MAX);

	if (n >= x->want)
		why(ret_why,
		    "%zu cannot be had: GPUs of one IOMMU group go together; ask for another number",
		    x->want);
	else if (all > n)
		why(ret_why,
		    "%zu can be had on the NUMA nodes of the VM's processors and memory, and %zu more on others, which --any-node allows; asked for: %zu",
		    n, all - n, x->want);
	else
		why(ret_why, "%zu can be had; asked for: %zu", n, x->want);
}

int choose_cards(struct choosing *x, char ret_why[static WHY_LEN])
{
	uint64_t nodes = x->near && x->strict ? x->near : UINT64_MAX;
	int r;

	x->chosen = calloc(x->want + 1, sizeof(*x->chosen));
	if (!x->chosen)
		return -ENOMEM;
	/* its own nodes first, also where others are allowed */
	r = x->near ? take_from(x, x->near, x->want) : -ENOSPC;
	if (r == -ENOSPC && nodes == UINT64_MAX)
		r = take_anywhere(x);
	if (r == -ENOSPC)
		explain(x, nodes, ret_why);
	return r;
}
