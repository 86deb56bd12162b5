// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-table-rules.c - the static rules of the table, chain by chain */

#include "fw-parts.h"

#include "fw-rule.h"
#include "fw.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

static void rule(struct fw_rule *r, struct fw_batch *b, const char *chain)
{
	fw_rule_begin(r, b, NFPROTO_INET, FW_TABLE, chain);
}

static void end(struct fw_rule *r)
{
	fw_rule_end(r, 0, true);
}

static const char *set_name(enum fw_set set, bool v6)
{
	return fw_set_form(set + (v6 ? FW_PER_FAMILY : 0))->name;
}

/* Guests must not reach the host's loopback where route_localnet is on. */
static void rules_guard(struct fw_batch *b)
{
	struct fw_rule r;

	rule(&r, b, "guard_loopback");
	fw_match_family(&r, false);
	fw_match_loopback(&r, false);
	fw_key_input(&r);
	fw_lookup(&r, fw_set_form(FW_GUARD)->name, false);
	fw_do_verdict(&r, NF_DROP, NULL);
	end(&r);
}

static void rule_jump(struct fw_batch *b, const char *from, bool v6)
{
	struct fw_rule r;

	rule(&r, b, from);
	fw_match_family(&r, v6);
	fw_match_local(&r, false);
	fw_do_verdict(&r, NFT_JUMP, v6 ? "to_guest6" : "to_guest4");
	end(&r);
}

static void rule_dnat(struct fw_batch *b, enum fw_set set, bool v6, uint8_t proto)
{
	struct fw_rule r;

	rule(&r, b, v6 ? "to_guest6" : "to_guest4");
	fw_match_family(&r, v6);
	if (proto)
		fw_match_proto(&r, proto);
	if (set == FW_ADDR)
		fw_key_address(&r, v6, false);
	fw_key_proto(&r);
	fw_key_port(&r, false);
	if (set == FW_ONE || set == FW_MANY) {
		fw_key_address(&r, v6, true);
		fw_key_address(&r, v6, false);
	}
	fw_lookup(&r, set_name(set, v6), true);
	fw_do_dnat(&r, v6, set != FW_MANY);
	end(&r);
}

static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

static void rules_dnat(struct fw_batch *b, bool v6)
{
	struct fw_rule r;

	rule_jump(b, "from_outside", v6);
	rule_jump(b, "from_host", v6);
	rule_dnat(b, FW_ADDR, v6, 0);
	/* "every address" does not mean loopback, see forward.h */
	rule(&r, b, v6 ? "to_guest6" : "to_guest4");
	fw_match_family(&r, v6);
	fw_match_loopback(&r, v6);
	fw_do_verdict(&r, NFT_RETURN, NULL);
	end(&r);
	rule_dnat(b, FW_ANY, v6, 0);
	/* nft 1.0.6 cannot read again what it prints of this one, unless it is for one
	 * protocol */
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		rule_dnat(b, FW_ONE, v6, protocols[i]);
	rule_dnat(b, FW_MANY, v6, 0);
}

/* Where a forwarded packet goes, or where an answer comes from */
static void key_guest(struct fw_rule *r, bool v6, bool source)
{
	fw_key_address(r, v6, source);
	fw_key_proto(r);
	fw_key_port(r, source);
}

/*
 * Answers must come back this way: from a guest to whom the host itself speaks, and from
 * one whose client is in its own network.
 */
static void rules_masquerade(struct fw_batch *b, bool v6)
{
	static const enum fw_set sets[] = { FW_TO, FW_TO_MANY };
	struct fw_rule r;

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		rule(&r, b, "hide_source");
		fw_match_family(&r, v6);
		fw_match_local(&r, true);
		key_guest(&r, v6, false);
		fw_lookup(&r, set_name(sets[i], v6), false);
		fw_do_masquerade(&r);
		end(&r);
	}
	rule(&r, b, "hide_source");
	fw_match_family(&r, v6);
	fw_key_address(&r, v6, true);
	fw_key_address(&r, v6, false);
	fw_lookup(&r, set_name(FW_HAIR, v6), false);
	fw_do_masquerade(&r);
	end(&r);
}

static void rules_mark(struct fw_batch *b, bool v6, uint32_t mark)
{
	static const enum fw_set sets[] = { FW_TO, FW_TO_MANY };
	struct fw_rule r;

	for (unsigned int i = 0; i < 2 * ARRAY_LEN(sets); i++) {
		uint8_t direction = i % 2; /* 0: original, 1: reply */

		rule(&r, b, "set_mark");
		fw_match_family(&r, v6);
		fw_match_direction(&r, direction);
		key_guest(&r, v6, direction);
		fw_lookup(&r, set_name(sets[i / 2], v6), false);
		fw_do_mark(&r, ~mark, mark);
		fw_do_verdict(&r, NF_ACCEPT, NULL);
		end(&r);
	}
}

/* Packets of other connections leave a chain at its first rule. */
static void rule_only_dnat(struct fw_batch *b, const char *chain)
{
	struct fw_rule r;

	rule(&r, b, chain);
	fw_match_dnat(&r, false);
	fw_do_verdict(&r, NF_ACCEPT, NULL);
	end(&r);
}

void fw_table_make_rules(struct fw_batch *b, uint32_t mark)
{
	struct fw_rule r;

	rules_guard(b);
	rules_dnat(b, false);
	rules_dnat(b, true);
	rule_only_dnat(b, "way_back");
	rule(&r, b, "way_back");
	fw_do_verdict(&r, NFT_GOTO, "hide_source");
	end(&r);
	rules_masquerade(b, false);
	rules_masquerade(b, true);
	rule_only_dnat(b, "set_mark");
	rules_mark(b, false, mark);
	rules_mark(b, true, mark);
	rule(&r, b, "clear_mark");
	fw_match_mark(&r, mark);
	fw_do_mark(&r, ~mark, 0);
	end(&r);
}
