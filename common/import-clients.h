/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-clients.h - who may use two forwards: compared, joined, narrowed */
#pragma once

#include "base.h"
#include "import.h"

#include <stdbool.h>

/**
 * import_has_clients() - Whether all of a network may use a forward
 */
bool import_has_clients(const struct import_forward *f, const struct ip_net *net);

/**
 * import_share_clients() - Whether somebody may use both
 */
bool import_share_clients(const struct import_forward *a, const struct import_forward *b);

/**
 * import_same_clients() - Whether the same may use both
 */
bool import_same_clients(const struct import_forward *a, const struct import_forward *b);

/**
 * import_join_clients() - Clients of @b may use @a too
 *
 * Return:   0, or -E2BIG too many networks; then @a is as it was
 */
int import_join_clients(struct import_forward *a,
			const struct import_forward *b) MUST_CHECK;

/**
 * import_meet_clients() - Only clients that @b names may use @a
 * @a:       None at all when it has no @from afterwards
 * @b:       Has some
 *
 * Return:   0, or -E2BIG too many networks
 */
int import_meet_clients(struct import_forward *a,
			const struct import_forward *b) MUST_CHECK;
