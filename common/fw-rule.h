/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-rule.h - inside fw*.c: rules of nf_tables, expression by expression */
#pragma once

#include "base.h"
#include "fw-batch.h"

#include <stdbool.h>
#include <stdint.h>

struct nftnl_rule;

/**
 * struct fw_rule - A rule that is being made
 * @rule:    Owned, NULL after a failure
 * @batch:   Where it goes
 * @family:  NFPROTO_*
 * @reg:     Next free register for a key, counted in 4 bytes
 */
struct fw_rule {
	struct nftnl_rule *rule;
	struct fw_batch *batch;
	uint16_t family;
	uint32_t reg;
};

void fw_rule_begin(struct fw_rule *r, struct fw_batch *b, uint16_t family,
		   const char *table, const char *chain);

/**
 * fw_rule_end() - Put it into the batch
 * @after:   Handle of the rule that it shall follow; 0: first
 * @append:  Last of its chain
 */
void fw_rule_end(struct fw_rule *r, uint64_t after, bool append);

void fw_rule_comment(struct fw_rule *r, const char *comment);

/* What a packet must be */
void fw_match_family(struct fw_rule *r, bool v6);
void fw_match_proto(struct fw_rule *r, uint8_t proto);
void fw_match_local(struct fw_rule *r, bool source); /* address is one of the host's */
void fw_match_dnat(struct fw_rule *r); /* its connection's target was changed */
void fw_match_answer(struct fw_rule *r); /* to who got another source address */
/* it goes to 127.0.0.0/8 or ::1, or comes from there; or, when that is not wanted, it does not */
void fw_match_loopback(struct fw_rule *r, bool v6, bool source, bool want);
void fw_match_mark(struct fw_rule *r, uint32_t mark); /* it has all these bits */
/* its connection has these labels; so have ICMP errors about it */
void fw_match_labels(struct fw_rule *r, uint64_t labels);

/* Fields of a key, one after the other; fw_lookup() ends it */
void fw_key_proto(struct fw_rule *r);
void fw_key_port(struct fw_rule *r, bool source);
void fw_key_address(struct fw_rule *r, bool v6, bool source);
void fw_key_input(struct fw_rule *r); /* name of the interface it came in by */

/**
 * fw_lookup() - Look the key up
 * @map:     What is found replaces the key
 */
void fw_lookup(struct fw_rule *r, const char *set, bool map);

/* What is done with it */
void fw_do_dnat(struct fw_rule *r, bool v6, bool port);
void fw_do_masquerade(struct fw_rule *r);
void fw_do_mark(struct fw_rule *r, uint32_t and_mask, uint32_t or_bits);
/* its connection gets it; what a map has answered stays where it is */
void fw_do_label(struct fw_rule *r, uint64_t label);
void fw_do_counter(struct fw_rule *r);
void fw_do_verdict(struct fw_rule *r, int verdict, const char *chain);
