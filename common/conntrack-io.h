/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conntrack-io.h - inside conntrack.c: connections as the kernel has them */
#pragma once

#include "base.h"
#include "fw-link.h"
#include "ip.h"

#include <stddef.h>
#include <stdint.h>

/**
 * struct conntrack_tuple - One direction of a connection
 */
struct conntrack_tuple {
	struct ip source, target;
	uint8_t proto;
	uint16_t source_port, target_port;
};

/**
 * struct conntrack_entry - A connection
 * @raw:     Borrowed. @orig as the kernel wrote it, @len bytes: by it the connection is
 *           found again
 * @id:      Its number, network order
 * @zone:    Whose it is where addresses are there more than once, network order
 */
struct conntrack_entry {
	uint8_t family;
	struct conntrack_tuple orig, reply;
	const void *raw;
	size_t len;
	uint32_t id;
	uint16_t zone;
};

/**
 * conntrack_answered() - Read the connections that an address answers
 * @each:    Called with each; a kernel before 5.8 sends others too
 *
 * Return:   0 or what the kernel said
 */
int conntrack_answered(struct fw_link *l, const struct ip *guest,
		       void (*each)(const struct conntrack_entry *e, void *data),
		       void *data) MUST_CHECK;

/**
 * conntrack_of_proto() - Read the connections of a family and protocol
 *
 * As conntrack_answered().
 */
int conntrack_of_proto(struct fw_link *l, uint8_t family, uint8_t number,
		       void (*each)(const struct conntrack_entry *e, void *data),
		       void *data) MUST_CHECK;

/**
 * conntrack_delete() - Make the kernel forget one; it may have ended meanwhile
 *
 * Return:   0 or what the kernel said
 */
int conntrack_delete(struct fw_link *l, const struct conntrack_entry *e) MUST_CHECK;
