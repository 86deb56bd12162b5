// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-rule.c - rules of nf_tables, expression by expression, by libnftnl */

#include "fw-rule.h"

#include "fw-parts.h"

#include <errno.h>
#include <stdio.h> /* for libnftnl/expr.h */
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#define R1 NFT_REG32_00
#define R2 NFT_REG32_04 /* behind 16 bytes in R1 */
#define R3 NFT_REG32_08 /* behind what a map has answered */

/* offsets in linux/ip.h, linux/ipv6.h; ports are first in all three protocols */
enum { V4_SADDR = 12, V4_DADDR = 16, V6_SADDR = 8, V6_DADDR = 24, SPORT = 0, DPORT = 2 };

void fw_rule_begin(struct fw_rule *r, struct fw_batch *b, uint16_t family,
		   const char *table, const char *chain)
{
	*r = (struct fw_rule){
		.rule = nftnl_rule_alloc(), .batch = b, .family = family, .reg = R1
	};
	if (!r->rule)
		return;
	nftnl_rule_set_u32(r->rule, NFTNL_RULE_FAMILY, family);
	nftnl_rule_set_str(r->rule, NFTNL_RULE_TABLE, table);
	nftnl_rule_set_str(r->rule, NFTNL_RULE_CHAIN, chain);
}

void fw_rule_end(struct fw_rule *r, uint64_t after, bool append)
{
	uint16_t flags = NLM_F_CREATE | (append || after ? NLM_F_APPEND : 0);
	struct nlmsghdr *msg = NULL;

	if (!r->rule) {
		r->batch->error = -ENOMEM;
		return;
	}
	if (after)
		nftnl_rule_set_u64(r->rule, NFTNL_RULE_POSITION, after);
	msg = fw_batch_add(r->batch, NFT_MSG_NEWRULE, r->family, flags);
	if (msg) {
		nftnl_rule_nlmsg_build_payload(msg, r->rule);
		fw_batch_done(r->batch, msg);
	}
	nftnl_rule_free(r->rule);
	r->rule = NULL;
}

void fw_rule_comment(struct fw_rule *r, const char *comment)
{
	struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);

	if (!u || !r->rule)
		return; /* only for people */
	nftnl_udata_put_strz(u, NFTNL_UDATA_RULE_COMMENT, comment);
	nftnl_rule_set_data(r->rule, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(u),
			    nftnl_udata_buf_len(u));
	nftnl_udata_buf_free(u);
}

/*
 * Append an expression, whose values the caller sets. NULL: there is no memory, and the rule
 * is given up with all that would follow.
 */
static struct nftnl_expr *expr(struct fw_rule *r, const char *name)
{
	struct nftnl_expr *e = r->rule ? nftnl_expr_alloc(name) : NULL;

	if (e) {
		nftnl_rule_add_expr(r->rule, e);
	} else if (r->rule) {
		nftnl_rule_free(r->rule);
		r->rule = NULL;
	}
	return e;
}

static void load_meta(struct fw_rule *r, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *e = expr(r, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, reg);
}

static void load_ct(struct fw_rule *r, uint32_t key)
{
	struct nftnl_expr *e = expr(r, "ct");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, R1);
}

static void load_payload(struct fw_rule *r, uint32_t base, uint32_t offset, uint32_t len,
			 uint32_t reg)
{
	struct nftnl_expr *e = expr(r, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, reg);
}

static void compare(struct fw_rule *r, uint32_t reg, uint32_t op, const void *value,
		    uint32_t len)
{
	struct nftnl_expr *e = expr(r, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, reg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set_data(e, NFTNL_EXPR_CMP_DATA, value, len);
}

/* What is in R1 goes to @reg, (value & and_mask) ^ xor_bits, @len bytes */
static void mask(struct fw_rule *r, uint32_t reg, const void *and_mask,
		 const void *xor_bits, uint32_t len)
{
	struct nftnl_expr *e = expr(r, "bitwise");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, R1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, reg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, len);
	nftnl_expr_set_data(e, NFTNL_EXPR_BITWISE_MASK, and_mask, len);
	nftnl_expr_set_data(e, NFTNL_EXPR_BITWISE_XOR, xor_bits, len);
}

static void mask_u32(struct fw_rule *r, uint32_t and_mask, uint32_t xor_bits)
{
	mask(r, R1, &and_mask, &xor_bits, sizeof(and_mask));
}

void fw_match_family(struct fw_rule *r, bool v6)
{
	uint8_t family = v6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	load_meta(r, NFT_META_NFPROTO, R1);
	compare(r, R1, NFT_CMP_EQ, &family, sizeof(family));
}

void fw_match_proto(struct fw_rule *r, uint8_t proto)
{
	load_meta(r, NFT_META_L4PROTO, R1);
	compare(r, R1, NFT_CMP_EQ, &proto, sizeof(proto));
}

void fw_match_local(struct fw_rule *r, bool source)
{
	struct nftnl_expr *e = expr(r, "fib");
	uint32_t local = RTN_LOCAL;

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS,
			   source ? NFTA_FIB_F_SADDR : NFTA_FIB_F_DADDR);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, R1);
	compare(r, R1, NFT_CMP_EQ, &local, sizeof(local));
}

static void match_status(struct fw_rule *r, uint32_t bit)
{
	uint32_t zero = 0;

	load_ct(r, NFT_CT_STATUS);
	mask_u32(r, bit, 0);
	compare(r, R1, NFT_CMP_NEQ, &zero, sizeof(zero));
}

void fw_match_dnat(struct fw_rule *r)
{
	match_status(r, IPS_DST_NAT);
}

void fw_match_answer(struct fw_rule *r)
{
	uint8_t reply = IP_CT_DIR_REPLY;

	load_ct(r, NFT_CT_DIRECTION);
	compare(r, R1, NFT_CMP_EQ, &reply, sizeof(reply));
	match_status(r, IPS_SRC_NAT);
}

/* the kernel's bitmap of the labels of a connection; those that we use are in its first half */
struct labels {
	uint64_t low, high;
};

static void match_label(struct fw_rule *r, uint64_t label)
{
	struct labels bit = { .low = label }, none = { 0 };

	mask(r, R2, &bit, &none, sizeof(bit));
	compare(r, R2, NFT_CMP_NEQ, &none, sizeof(none));
}

/* Labels are loaded once for all questions: that is what costs time. */
void fw_match_labels(struct fw_rule *r, uint64_t labels)
{
	load_ct(r, NFT_CT_LABELS);
	/* one by one: nft(8) has no word for two */
	for (uint64_t bit = 1; bit; bit <<= 1)
		if (labels & bit)
			match_label(r, bit);
}

void fw_match_loopback(struct fw_rule *r, bool v6, bool source, bool want)
{
	static const uint8_t one[16] = { [15] = 1 };
	static const uint8_t net = 127;
	uint32_t v4_at = source ? V4_SADDR : V4_DADDR;
	uint32_t v6_at = source ? V6_SADDR : V6_DADDR;

	load_payload(r, NFT_PAYLOAD_NETWORK_HEADER, v6 ? v6_at : v4_at, v6 ? 16 : 1, R1);
	compare(r, R1, want ? NFT_CMP_EQ : NFT_CMP_NEQ, v6 ? one : &net, v6 ? 16 : 1);
}

void fw_match_mark(struct fw_rule *r, uint32_t mark)
{
	load_meta(r, NFT_META_MARK, R1);
	mask_u32(r, mark, 0);
	compare(r, R1, NFT_CMP_EQ, &mark, sizeof(mark));
}

void fw_key_proto(struct fw_rule *r)
{
	load_meta(r, NFT_META_L4PROTO, r->reg);
	r->reg++;
}

void fw_key_port(struct fw_rule *r, bool source)
{
	load_payload(r, NFT_PAYLOAD_TRANSPORT_HEADER, source ? SPORT : DPORT, 2, r->reg);
	r->reg++;
}

void fw_key_address(struct fw_rule *r, bool v6, bool source)
{
	uint32_t v4_at = source ? V4_SADDR : V4_DADDR;
	uint32_t v6_at = source ? V6_SADDR : V6_DADDR;

	load_payload(r, NFT_PAYLOAD_NETWORK_HEADER, v6 ? v6_at : v4_at, v6 ? 16 : 4,
		     r->reg);
	r->reg += v6 ? 4 : 1;
}

void fw_key_input(struct fw_rule *r)
{
	load_meta(r, NFT_META_IIFNAME, r->reg);
	r->reg += IF_NAMESIZE / 4;
}

void fw_lookup(struct fw_rule *r, const char *set, bool map)
{
	struct nftnl_expr *e = expr(r, "lookup");

	r->reg = R1;
	if (!e)
		return;
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, set);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, R1);
	if (map)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, R1);
}

void fw_do_dnat(struct fw_rule *r, bool v6, bool port)
{
	struct nftnl_expr *e = expr(r, "nat");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY, v6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, R1);
	if (port)
		nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_PROTO_MIN, R1 + (v6 ? 4 : 1));
}

void fw_do_masquerade(struct fw_rule *r)
{
	(void)expr(r, "masq");
}

void fw_do_mark(struct fw_rule *r, uint32_t and_mask, uint32_t or_bits)
{
	struct nftnl_expr *e;

	load_meta(r, NFT_META_MARK, R1);
	mask_u32(r, and_mask, or_bits);
	e = expr(r, "meta");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, R1);
}

void fw_do_label(struct fw_rule *r, uint64_t label)
{
	struct labels bit = { .low = label };
	struct nftnl_expr *e = expr(r, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, R3);
	nftnl_expr_set_data(e, NFTNL_EXPR_IMM_DATA, &bit, sizeof(bit));
	e = expr(r, "ct");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_LABELS);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_SREG, R3);
}

void fw_do_counter(struct fw_rule *r)
{
	(void)expr(r, "counter");
}

void fw_do_verdict(struct fw_rule *r, int verdict, const char *chain)
{
	struct nftnl_expr *e = expr(r, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	if (chain)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain);
}
