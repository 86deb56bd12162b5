/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-batch.h - inside fw*.c: nf_tables messages in one batch */
#pragma once

#include "base.h"
#include "fw-link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

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
 * fw_batch_begin() - Begin a batch
 * @generation: It is refused when the ruleset has another one then; 0: it is not asked
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
 * @l:       With nothing left to be read
 *
 * Return:   0, -ERESTART or -EBUSY somebody was faster, -ENOBUFS the answer was lost: it
 *           is not known what was done, or what the kernel said of the first message that
 *           it refused
 */
int fw_batch_send(struct fw_batch *b, struct fw_link *l) MUST_CHECK;

void fw_batch_free(struct fw_batch *b);
