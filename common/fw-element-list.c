// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-element-list.c - lists of elements: sorted, each once, one without another */

#include "fw-parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int fw_elements_add(struct fw_elements *list, const struct fw_element *e)
{
	if (list->n == list->size) {
		size_t size = list->size ? 2 * list->size : 64;
		struct fw_element *more = reallocarray(list->list, size, sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->list = more;
		list->size = size;
	}
	list->list[list->n++] = *e;
	return 0;
}

/* an element is bytes without gaps, in this order: set, key, end, data */
int fw_element_compare(const struct fw_element *x, const struct fw_element *y)
{
	return memcmp(x, y, sizeof(*x));
}

static int compare(const void *a, const void *b)
{
	return fw_element_compare(a, b);
}

static bool is_sorted(const struct fw_elements *list)
{
	for (size_t i = 1; i < list->n; i++)
		if (compare(&list->list[i - 1], &list->list[i]) > 0)
			return false;
	return true;
}

void fw_elements_sort(struct fw_elements *list)
{
	size_t n = 0;

	/* mostly it is sorted: ports are written in order */
	if (!is_sorted(list))
		qsort(list->list, list->n, sizeof(*list->list), compare);
	for (size_t i = 0; i < list->n; i++)
		if (!n || compare(&list->list[n - 1], &list->list[i]) != 0)
			list->list[n++] = list->list[i];
	list->n = n;
}

bool fw_elements_equal(const struct fw_elements *a, const struct fw_elements *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; i < a->n && same; i++)
		same = fw_element_compare(&a->list[i], &b->list[i]) == 0;
	return same;
}

void fw_elements_part(struct fw_elements *a, struct fw_elements *b)
{
	size_t i = 0, k = 0, n = 0, m = 0;

	while (i < a->n && k < b->n) {
		int c = fw_element_compare(&a->list[i], &b->list[k]);

		if (c < 0)
			a->list[n++] = a->list[i];
		else if (c > 0)
			b->list[m++] = b->list[k];
		i += c <= 0;
		k += c >= 0;
	}
	while (i < a->n)
		a->list[n++] = a->list[i++];
	while (k < b->n)
		b->list[m++] = b->list[k++];
	a->n = n;
	b->n = m;
}

void fw_elements_free(struct fw_elements *list)
{
	free(list->list);
	*list = (struct fw_elements){ 0 };
}
