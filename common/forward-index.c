// SPDX-License-Identifier: GPL-2.0-or-later
/* forward-index.c - forwards by their ports: a chain for each step of ports */

#include "forward-index.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

static size_t step_of(uint8_t proto, unsigned int port)
{
	size_t row = proto == IPPROTO_TCP ? 0 : proto == IPPROTO_UDP ? 1 : 2;

	return row * (65536 / FORWARD_INDEX_STEP) + port / FORWARD_INDEX_STEP;
}

static int append(struct forward_index *x, size_t step, const struct forwards *list,
		  size_t at)
{
	if (x->n == x->size) {
		size_t size = x->size ? 2 * x->size : 64;
		struct forward_index_node *more =
			reallocarray(x->node, size, sizeof(*more));

		if (!more)
			return -ENOMEM;
		x->node = more;
		x->size = size;
	}
	x->node[x->n++] = (struct forward_index_node){ .list = list, .at = (uint32_t)at };
	if (x->last[step])
		x->node[x->last[step] - 1].next = (uint32_t)x->n;
	else
		x->first[step] = (uint32_t)x->n;
	x->last[step] = (uint32_t)x->n;
	return 0;
}

int forward_index_add(struct forward_index *x, const struct forwards *list, size_t at)
{
	const struct forward *f = &list->list[at];
	size_t last = step_of(f->proto, f->hi);
	int r = 0;

	for (size_t step = step_of(f->proto, f->lo); step <= last && r == 0; step++)
		r = append(x, step, list, at);
	return r;
}

int forward_index_add_all(struct forward_index *x, const struct forwards *list)
{
	int r = 0;

	for (size_t i = 0; i < list->n && r == 0; i++)
		r = forward_index_add(x, list, i);
	return r;
}

const struct forward *forward_index_find(const struct forward_index *x,
					 const struct forward *f,
					 bool (*match)(const struct forward *f,
						       const struct forward *other),
					 const struct forwards **ret)
{
	size_t last = step_of(f->proto, f->hi);

	for (size_t step = step_of(f->proto, f->lo); step <= last; step++) {
		for (uint32_t i = x->first[step]; i; i = x->node[i - 1].next) {
			const struct forward_index_node *node = &x->node[i - 1];
			const struct forward *other = &node->list->list[node->at];

			if (!match(f, other))
				continue;
			if (ret)
				*ret = node->list;
			return other;
		}
	}
	return NULL;
}

void forward_index_free(struct forward_index *x)
{
	free(x->node);
	*x = (struct forward_index){ 0 };
}
