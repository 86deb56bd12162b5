// SPDX-License-Identifier: GPL-2.0-or-later
/* import-clients.c - who may use two forwards: compared, joined, narrowed */

#include "import-clients.h"

#include <errno.h>
#include <string.h>

bool import_has_clients(const struct import_forward *f, const struct ip_net *net)
{
	bool has = f->n_from == 0;

	for (size_t i = 0; i < f->n_from && !has; i++)
		has = f->from[i].prefix <= net->prefix &&
		      ip_net_has(&f->from[i], &net->ip);
	return has;
}

bool import_share_clients(const struct import_forward *a, const struct import_forward *b)
{
	bool meet = a->n_from == 0 || b->n_from == 0;

	for (size_t i = 0; i < a->n_from && !meet; i++)
		for (size_t k = 0; k < b->n_from && !meet; k++)
			meet = ip_net_overlap(&a->from[i], &b->from[k]);
	return meet;
}

bool import_same_clients(const struct import_forward *a, const struct import_forward *b)
{
	bool same = a->n_from == b->n_from;

	/* what is narrowed by the same rules has the same list in the same order */
	if (same && memcmp(a->from, b->from, a->n_from * sizeof(a->from[0])) == 0)
		return true;
	for (size_t i = 0; i < a->n_from && same; i++)
		same = import_has_clients(a, &b->from[i]) &&
		       import_has_clients(b, &a->from[i]);
	return same;
}

int import_join_clients(struct import_forward *a, const struct import_forward *b)
{
	struct import_forward both = *a;

	if (a->n_from == 0 || b->n_from == 0) {
		a->n_from = 0;
		return 0;
	}
	for (size_t i = 0; i < b->n_from; i++) {
		if (import_has_clients(a, &b->from[i]))
			continue;
		if (both.n_from == CONF_FROM_MAX)
			return -E2BIG;
		both.from[both.n_from++] = b->from[i];
	}
	/* what is in a network of the other one has to go */
	a->n_from = 0;
	for (size_t i = 0; i < both.n_from; i++) {
		bool inside = false;

		for (size_t k = 0; k < both.n_from && !inside; k++)
			inside = both.from[k].prefix < both.from[i].prefix &&
				 ip_net_has(&both.from[k], &both.from[i].ip);
		if (!inside)
			a->from[a->n_from++] = both.from[i];
	}
	return 0;
}

int import_meet_clients(struct import_forward *a, const struct import_forward *b)
{
	struct import_forward both = { 0 };

	if (a->n_from == 0) {
		memcpy(a->from, b->from, sizeof(a->from));
		a->n_from = b->n_from;
		return 0;
	}
	for (size_t i = 0; i < a->n_from; i++) {
		for (size_t k = 0; k < b->n_from; k++) {
			if (!ip_net_overlap(&a->from[i], &b->from[k]))
				continue;
			if (both.n_from == CONF_FROM_MAX)
				return -E2BIG;
			/* of two networks that overlap the one is inside the other */
			both.from[both.n_from++] = a->from[i].prefix > b->from[k].prefix
							   ? a->from[i]
							   : b->from[k];
		}
	}
	memcpy(a->from, both.from, sizeof(a->from));
	a->n_from = both.n_from;
	return 0;
}
