/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forward-index.h - forwards of many lists by their ports, so that 10,000 need not be compared with each other */
#pragma once

#include "base.h"
#include "forward.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORWARD_INDEX_STEP 64 /* ports that are looked for together */
#define FORWARD_INDEX_SIZE (3 * (65536 / FORWARD_INDEX_STEP)) /* of three protocols */

/**
 * struct forward_index_node - A forward that has some ports of a step
 * @list:    Borrowed, with the forward at @at: lists may grow meanwhile
 * @next:    Node of the same step, plus 1; 0: none
 */
struct forward_index_node {
	const struct forwards *list;
	uint32_t at, next;
};

/**
 * struct forward_index - Where to look for forwards with certain ports; begins with zeros
 * @first:   Node of each step, plus 1; 0: none
 * @last:    Where the next one is appended
 * @node:    Owned, @n of them, room for @size
 */
struct forward_index {
	uint32_t first[FORWARD_INDEX_SIZE], last[FORWARD_INDEX_SIZE];
	struct forward_index_node *node;
	size_t n, size;
};

/**
 * forward_index_add() - Put in a forward of a list
 *
 * Return:   0 or -ENOMEM
 */
int forward_index_add(struct forward_index *x, const struct forwards *list,
		      size_t at) MUST_CHECK;

/**
 * forward_index_add_all() - Put in all forwards of a list
 *
 * Return:   0 or -ENOMEM
 */
int forward_index_add_all(struct forward_index *x,
			  const struct forwards *list) MUST_CHECK;

/**
 * forward_index_find() - Find a forward that has to do with one
 * @f:       Only those that have ports near its own are asked about
 * @match:   Is asked about @f and another one
 * @ret:     List that the other one is in, where not NULL
 *
 * Return:   The first one that matches, or NULL
 */
const struct forward *forward_index_find(const struct forward_index *x,
					 const struct forward *f,
					 bool (*match)(const struct forward *f,
						       const struct forward *other),
					 const struct forwards **ret);

void forward_index_free(struct forward_index *x);
