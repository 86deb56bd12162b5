/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-judge.h - inside import-*.c: the rules of a text, judged in the order of the
 * kernel */
#pragma once

#include "base.h"
#include "import.h"
#include "iptables-rules.h"

#include <stdbool.h>

/**
 * struct accept - A way to an accept in FORWARD
 */
struct accept {
	unsigned int line;
	struct iptables_match match;
};

/**
 * struct judge - One run of import_iptables()
 * @all:     What was read
 * @found:   What comes out
 * @rule:    That is being judged
 * @output:  Ways through OUTPUT are looked at, not those through PREROUTING
 * @accept:  Owned. Accepts in FORWARD, @n_accepts
 */
struct judge {
	struct iptables_rules all;
	struct import found;
	const struct iptables_rule *rule;
	bool output;
	struct accept *accept;
	size_t n_accepts;
};

/**
 * judge_left() - Note that the rule is not taken
 *
 * Return:   0 or -ENOMEM
 */
int judge_left(struct judge *j, const char *reason) MUST_CHECK;

/**
 * judge_is_foreign() - Whether a chain is one that other programs make for themselves
 */
bool judge_is_foreign(const char *chain);

/**
 * judge_is_guest() - Whether an address of -s or -d is one that a forward leads to
 */
bool judge_is_guest(const struct judge *j, const struct iptables_nets *nets);

/**
 * judge_dnats() - Make forwards of the DNAT rules
 *
 * Return:   0 or -ENOMEM
 */
int judge_dnats(struct judge *j) MUST_CHECK;

/**
 * judge_accepts() - Narrow the forwards to those who are accepted in FORWARD
 *
 * Return:   0 or -ENOMEM
 */
int judge_accepts(struct judge *j) MUST_CHECK;
