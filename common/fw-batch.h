/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-batch.h - inside fw*.c and conntrack.c: nf_tables messages in one batch, and dumps */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* what a function that is called for each message returns: libmnl's MNL_CB_OK */
#define FW_GO_ON 1

struct nlmsghdr;
struct mnl_socket;

/**
 * struct fw_batch - Messages that the kernel takes together or not at all
 * @buf:     Owned
 * @size:    Bytes at @buf
 * @len:     Bytes used
 * @seq:     Of the next message
 * @last:    Where the last message begins
 * @n:       Messages between begin and end
 * @error:   First failure while it was made, 0 so far
 */
struct fw_batch {
	char *buf;
	size_t size, len;
	uint32_t seq;
	size_t last;
	unsigned int n;
	int error;
};

/**
 * fw_socket_open() - Open a netlink socket to the kernel's packet filter
 * @groups:  Multicast groups as bits, 0: none
 *
 * Return:   0 or -errno
 */
int fw_socket_open(uint32_t groups, struct mnl_socket **ret) MUST_CHECK;
void fw_socket_close(struct mnl_socket **nl);

/**
 * fw_dump() - Ask and call a function for each message of the answer
 * @msg:     The question, with NLM_F_DUMP or NLM_F_ACK
 * @each:    Called with each message; NULL: only the error counts
 *
 * Return:   0, -EINTR the ruleset changed meanwhile, or what the kernel said
 */
int fw_dump(struct mnl_socket *nl, struct nlmsghdr *msg,
	    int (*each)(const struct nlmsghdr *msg, void *data), void *data) MUST_CHECK;

/**
 * fw_generation() - Number of the ruleset as it is now
 *
 * Return:   0 or -errno
 */
int fw_generation(struct mnl_socket *nl, uint32_t *ret) MUST_CHECK;

/**
 * fw_batch_begin() - Begin a batch that is refused when the generation has changed
 */
void fw_batch_begin(struct fw_batch *b, uint32_t generation);

/**
 * fw_batch_add() - Begin a message
 * @type:    NFT_MSG_*
 * @family:  NFPROTO_*
 * @flags:   NLM_F_*
 *
 * Return:   Where to put its payload, room for at least 64 kB; NULL after a failure
 */
struct nlmsghdr *fw_batch_add(struct fw_batch *b, uint16_t type, uint16_t family,
			      uint16_t flags) MUST_CHECK;

/**
 * fw_batch_done() - End a message: its length has been counted
 */
void fw_batch_done(struct fw_batch *b, const struct nlmsghdr *msg);

/**
 * fw_batch_send() - Send it and wait for the answer
 *
 * Return:   0, -ERESTART or -EBUSY somebody was faster, or what the kernel said of the
 * first message that it refused
 */
int fw_batch_send(struct fw_batch *b, struct mnl_socket *nl) MUST_CHECK;

void fw_batch_free(struct fw_batch *b);
