/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iptables-rules.h - all rules of a text, and the ways that lead through them */
#pragma once

#include "base.h"
#include "import.h"
#include "iptables-rule.h"

/**
 * struct iptables_rules - What was read
 * @rule:    Owned, @n of them, in the order of the text
 * @order:   Owned. Their numbers in the order in which the kernel asks them
 * @jump:    Owned. Numbers of those whose target is a chain of the text, @n_jumps
 * @jump_to: Owned. Of each a sum of table and target: most lead elsewhere
 * @steps:   Of iptables_ways(), bounded for the whole text
 */
struct iptables_rules {
	struct iptables_rule *rule;
	size_t n;
	size_t *order;
	size_t *jump;
	uint32_t *jump_to;
	size_t n_jumps;
	size_t steps;
};

/**
 * iptables_rules_read() - Read a text
 * @notes:   Lines that cannot be read are noted there
 * @ret:     Filled; owned by the caller, iptables_rules_free(), on failure too
 *
 * Return:   0 or -ENOMEM
 */
int iptables_rules_read(const char *text, size_t len, struct import *notes,
			struct iptables_rules *ret) MUST_CHECK;

void iptables_rules_free(struct iptables_rules *all);

/**
 * iptables_is_jump() - Whether its target is a chain, not a verdict
 */
bool iptables_is_jump(const struct iptables_rule *r);

/**
 * iptables_way - What iptables_ways() calls
 * @base:    Chain that the way begins in, "PREROUTING"
 * @m:       What a packet must be to come this way
 */
typedef int iptables_way(void *data, const char *base, const struct iptables_match *m);

/**
 * iptables_ways() - Every way from a chain of the kernel to a rule
 * @base:    Of these chains, blank-separated
 * @each:    Called for each way; a non-zero return ends the walk
 *
 * Return:   How many ways, 0 also when nothing leads to the rule; or what @each returned
 */
int iptables_ways(struct iptables_rules *all, const struct iptables_rule *r,
		  const char *base, iptables_way *each, void *data) MUST_CHECK;

/**
 * iptables_is_led_to() - Whether any rule jumps to the chain of a rule
 */
bool iptables_is_led_to(const struct iptables_rules *all, const struct iptables_rule *r);
