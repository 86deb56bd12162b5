// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-table-rules.c - the static rules of the table, chain by chain */

#include "fw-parts.h"

#include "fw-rule.h"
#include "fw.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

/*
 * Labels of conntrack, two of 128 bits that hardly anybody uses, say which connections
 * are ours, to all their packets and to ICMP errors about them. ct mark would be read
 * faster, but firewalls for several uplinks copy it to packets and back as a whole.
 *
 * Connections outlive our table. The form 3 of it gave 26 to all that it had looked up,
 * and 27 to those of them that it had not found: that its own go on, 26 says the same
 * here, and others that it let pass, which have both, pass more easily until they end.
 */
#define LABEL_OURS   (1u << 26) /* it got its DNAT from our maps */
#define LABEL_INSIDE (1u << 28) /* it is the host's own, or of where guests are */

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

static void match_guarded(struct fw_rule *r, bool source)
{
	fw_match_family(r, false);
	fw_match_loopback(r, false, source, true);
	fw_key_input(r);
	fw_lookup(r, fw_set_form(FW_GUARD)->name, false);
}

/*
 * Guests must not reach the host's loopback where route_localnet is on: neither by the
 * DNAT of anybody (rule_guard_dnat()), which only the first packet of a connection is
 * asked for, nor what listens there. This is not asked before routing, once for both,
 * because all packets to other hosts would pay for it. Answers to the host have got its
 * loopback address back when they are there; a packet without conntrack is no answer.
 * Nor may they come from there, which route_localnet allows too, and some services trust;
 * here an answer to the host still has the guest's own address as its source.
 */
static void rules_guard(struct fw_batch *b)
{
	struct fw_rule r;

	rule(&r, b, "guard_loopback");
	match_guarded(&r, false);
	fw_match_answer(&r);
	fw_do_verdict(&r, NF_ACCEPT, NULL);
	end(&r);
	for (int source = 0; source < 2; source++) {
		rule(&r, b, "guard_loopback");
		match_guarded(&r, source);
		fw_do_verdict(&r, NF_DROP, NULL);
		end(&r);
	}
}

static void rule_jump(struct fw_batch *b, bool outside, bool v6)
{
	struct fw_rule r;

	rule(&r, b, outside ? "from_outside" : "from_host");
	fw_match_family(&r, v6);
	fw_match_local(&r, false);
	if (!outside)
		fw_do_label(&r, LABEL_INSIDE);
	fw_do_verdict(&r, NFT_JUMP, v6 ? "to_guest6" : "to_guest4");
	end(&r);
}

static void rule_inside(struct fw_batch *b, bool v6)
{
	struct fw_rule r;

	rule(&r, b, v6 ? "to_guest6" : "to_guest4");
	fw_key_input(&r);
	fw_lookup(&r, fw_set_form(FW_INSIDE)->name, false);
	fw_do_label(&r, LABEL_INSIDE);
	end(&r);
}

/*
 * The label is given between the answer of a map and the DNAT by it: a rule ends where its
 * map has no answer. nft(8) prints the label first, as if it were given without an answer
 * too, and that is what comes of reading it back: see take_table() in fw-table.c.
 */
static void rule_dnat(struct fw_batch *b, enum fw_set set, bool v6, uint8_t proto)
{
	struct fw_rule r;

	rule(&r, b, v6 ? "to_guest6" : "to_guest4");
	fw_match_family(&r, v6);
	if (proto)
		fw_match_proto(&r, proto);
	if (set == FW_ANY) /* see rule_not_loopback() */
		fw_match_loopback(&r, v6, false, false);
	if (set == FW_ADDR)
		fw_key_address(&r, v6, false);
	fw_key_proto(&r);
	fw_key_port(&r, false);
	if (set == FW_ONE || set == FW_MANY) {
		fw_key_address(&r, v6, true);
		fw_key_address(&r, v6, false);
	}
	fw_lookup(&r, set_name(set, v6), true);
	fw_do_label(&r, LABEL_OURS);
	fw_do_dnat(&r, v6, set != FW_MANY);
	end(&r);
}

/* Before the first map that has loopback addresses, and before the DNAT of others */
static void rule_guard_dnat(struct fw_batch *b)
{
	struct fw_rule r;

	rule(&r, b, "to_guest4");
	match_guarded(&r, false);
	fw_do_verdict(&r, NF_DROP, NULL);
	end(&r);
}

/* "every address" does not mean loopback, see forward.h */
static void rule_not_loopback(struct fw_batch *b, bool v6)
{
	struct fw_rule r;

	rule(&r, b, v6 ? "to_guest6" : "to_guest4");
	fw_match_family(&r, v6);
	fw_match_loopback(&r, v6, false, true);
	fw_do_verdict(&r, NFT_RETURN, NULL);
	end(&r);
}

/*
 * No two forwards are meant by one packet (forward_collides()), so the order of maps is
 * free: first what most forwards are, last the ranges, where a lookup takes longest.
 */
static void rules_dnat(struct fw_batch *b, bool v6)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

	rule_jump(b, true, v6);
	rule_jump(b, false, v6);
	rule_inside(b, v6);
	rule_dnat(b, FW_ANY, v6, 0);
	if (!v6)
		rule_guard_dnat(b);
	rule_dnat(b, FW_ADDR, v6, 0);
	rule_not_loopback(b, v6);
	/* nft 1.0.6 cannot read again what it prints of this one, unless it is for one
	 * protocol */
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		rule_dnat(b, FW_ONE, v6, protocols[i]);
	rule_dnat(b, FW_MANY, v6, 0);
}

/*
 * Answers must come back this way: from a guest to whom the host itself speaks, and from
 * one whose client is in its own network. Clients elsewhere do not pay for the two
 * questions, which take as long as the DNAT itself: a routing decision, and a set of
 * ranges, for which the kernel saves the registers of the vector unit.
 */
static void rules_masquerade(struct fw_batch *b)
{
	struct fw_rule r;

	rule(&r, b, "way_back");
	fw_match_dnat(&r); /* costs others less: see rules_mark() */
	fw_match_labels(&r, LABEL_OURS | LABEL_INSIDE);
	fw_do_verdict(&r, NFT_GOTO, "hide_source");
	end(&r);
	rule(&r, b, "hide_source");
	fw_match_local(&r, true);
	fw_do_masquerade(&r);
	end(&r);
	for (int v6 = 0; v6 < 2; v6++) {
		rule(&r, b, "hide_source");
		fw_match_family(&r, v6);
		fw_key_address(&r, v6, true);
		fw_key_address(&r, v6, false);
		fw_lookup(&r, set_name(FW_HAIR, v6), false);
		fw_do_masquerade(&r);
		end(&r);
	}
}

/*
 * These two are all that each packet of a forwarded connection pays, so what is cheap is
 * asked first: `ct status` takes a fraction of `ct label`. For that reason the mark is
 * taken off all connections with DNAT that have it, not only off ours: harmed is who
 * gives the bit that host.ini gave to us to packets with a DNAT of his own, and wants to
 * see it after priority 2000.
 */
static void rules_mark(struct fw_batch *b, uint32_t mark)
{
	struct fw_rule r;

	rule(&r, b, "set_mark");
	fw_match_dnat(&r);
	fw_match_labels(&r, LABEL_OURS);
	fw_do_mark(&r, ~mark, mark);
	end(&r);
	rule(&r, b, "clear_mark");
	fw_match_mark(&r, mark);
	fw_match_dnat(&r);
	fw_do_mark(&r, ~mark, 0);
	end(&r);
}

void fw_table_make_rules(struct fw_batch *b, uint32_t mark)
{
	rules_guard(b);
	rules_dnat(b, false);
	rules_dnat(b, true);
	rules_masquerade(b);
	rules_mark(b, mark);
}
