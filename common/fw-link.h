/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-link.h - inside fw*.c and conntrack.c: questions to the kernel's packet filter */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stdint.h>

struct nlmsghdr;
struct mnl_socket;

/**
 * struct fw_link - A socket to the packet filter
 * @nl:      Owned; NULL: closed
 * @seq:     Number of the last question: an answer with another one is not ours
 * @torn:    The ruleset was changed while an answer came: parts of it may be missing or
 *           there twice. Set by fw_dump(), cleared by who cares
 */
struct fw_link {
	struct mnl_socket *nl;
	uint32_t seq;
	bool torn;
};

/**
 * fw_link_open() - Open a socket, or open it anew: nothing is left on it to be read
 *
 * Return:   0 or -errno
 */
int fw_link_open(struct fw_link *l) MUST_CHECK;
void fw_link_close(struct fw_link *l);

/**
 * fw_dump() - Ask and call a function for each message of the answer
 * @msg:     The question, with NLM_F_DUMP or NLM_F_ACK; gets its number here
 * @each:    Called with each message, which has a struct nfgenmsg at least, and a length that
 *           is a multiple of four; NULL: only the error counts
 *
 * The answer is read to its end, also when it is torn.
 *
 * Return:   0, or what the kernel said
 */
int fw_dump(struct fw_link *l, struct nlmsghdr *msg,
	    void (*each)(const struct nlmsghdr *msg, void *data), void *data) MUST_CHECK;

/**
 * fw_message_ok() - Whether a whole message is in what is left of a datagram
 *
 * libmnl's own look at it takes a length above INT_MAX for a small one.
 */
bool fw_message_ok(const struct nlmsghdr *msg, int left);

/**
 * fw_expressions_have_names() - Whether every expression of a rule says what it is
 * @msg:     NFT_MSG_NEWRULE
 *
 * libnftnl takes that for granted.
 */
bool fw_expressions_have_names(const struct nlmsghdr *msg);

/**
 * fw_generation() - Number of the ruleset as it is now, never 0
 *
 * Return:   0, -EOPNOTSUPP the kernel has no nf_tables, or -errno
 */
int fw_generation(struct fw_link *l, uint32_t *ret) MUST_CHECK;
