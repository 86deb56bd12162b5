// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-rule-read.c - what a rule in a chain of others is for us: ours, a jump, or something else */

#include "fw-parts.h"

#include "fw-link.h"

#include <stdio.h> /* for libnftnl/expr.h */
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_comment.h>
#include <string.h>

/**
 * struct parts - Expressions of a rule, counted
 * @mask, @value: Of the one comparison with the mark
 * @xor:      The mark is changed before it is compared
 * @comment:  It has ours
 * @other:    Something that our rule never has
 */
struct parts {
	unsigned int meta, bitwise, cmp, counter, verdict, match;
	uint32_t mask, value;
	bool xor, comment, other;
	struct fw_seen *seen;
};

static uint32_t data_of(const struct nftnl_expr *e, uint16_t attr, bool *ret_other)
{
	uint32_t len = 0, value = 0;
	const void *data = nftnl_expr_get(e, attr, &len);

	if (data && len == sizeof(value))
		memcpy(&value, data, sizeof(value));
	else
		*ret_other = true;
	return value;
}

static void see_mask(struct parts *p, const struct nftnl_expr *e)
{
	p->bitwise++;
	p->mask = data_of(e, NFTNL_EXPR_BITWISE_MASK, &p->other);
	p->xor |= data_of(e, NFTNL_EXPR_BITWISE_XOR, &p->other) != 0;
}

static void see_value(struct parts *p, const struct nftnl_expr *e)
{
	p->cmp++;
	p->value = data_of(e, NFTNL_EXPR_CMP_DATA, &p->other);
	p->other |= nftnl_expr_get_u32(e, NFTNL_EXPR_CMP_OP) != NFT_CMP_EQ;
}

static void see_verdict(struct parts *p, const struct nftnl_expr *e)
{
	struct fw_seen *s = p->seen;
	const char *to = nftnl_expr_get_str(e, NFTNL_EXPR_IMM_CHAIN);

	p->verdict++;
	s->verdict = (int)nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_VERDICT);
	if (to && (s->verdict == NFT_JUMP || s->verdict == NFT_GOTO))
		snprintf(s->jump, sizeof(s->jump), "%s", to);
}

/* As iptables-restore writes a comment: a match of x_tables */
static void see_match(struct parts *p, const struct nftnl_expr *e)
{
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_MT_NAME);
	uint32_t len = 0;
	const struct xt_comment_info *c = nftnl_expr_get(e, NFTNL_EXPR_MT_INFO, &len);

	p->match++;
	if (name && strcmp(name, "comment") == 0 && c && len > strlen(FW_COMMENT) &&
	    strncmp(c->comment, FW_COMMENT, len) == 0)
		p->comment = true;
	else
		p->other = true;
}

static int see(struct nftnl_expr *e, void *data)
{
	struct parts *p = data;
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);

	if (strcmp(name, "meta") == 0) {
		p->meta++;
		p->other |= nftnl_expr_get_u32(e, NFTNL_EXPR_META_KEY) != NFT_META_MARK;
	} else if (strcmp(name, "bitwise") == 0) {
		see_mask(p, e);
	} else if (strcmp(name, "cmp") == 0) {
		see_value(p, e);
	} else if (strcmp(name, "immediate") == 0) {
		see_verdict(p, e);
	} else if (strcmp(name, "match") == 0) {
		see_match(p, e);
	} else if (strcmp(name, "counter") == 0) {
		p->counter++;
	} else {
		p->other = true;
	}
	return 0;
}

/* type, length, value; see libnftnl's src/udata.c */
bool fw_notes_fit(const void *notes, uint32_t len)
{
	const uint8_t *at = notes;

	while (len >= 2 && at[1] <= len - 2) {
		len -= 2u + at[1];
		at += 2 + at[1];
	}
	return len == 0;
}

static int see_note(const struct nftnl_udata *u, void *data)
{
	struct parts *p = data;
	uint8_t len = nftnl_udata_len(u);

	if (nftnl_udata_type(u) == NFTNL_UDATA_RULE_COMMENT && len == sizeof(FW_COMMENT))
		p->comment |= memcmp(nftnl_udata_get(u), FW_COMMENT, len) == 0;
	return 0;
}

static bool is_ours(const struct parts *p)
{
	return p->comment && !p->other && !p->xor &&p->meta == 1 && p->bitwise == 1 &&
	       p->cmp == 1 && p->counter == 1 && p->verdict == 1 && p->match <= 1 &&
	       p->seen->verdict == NF_ACCEPT && p->value && p->value == p->mask;
}

void fw_rule_see(const struct nlmsghdr *msg, struct fw_seen *ret)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct parts p = { .seen = ret };
	const void *notes;
	uint32_t len = 0;

	*ret = (struct fw_seen){ .verdict = NFT_CONTINUE };
	if (r && fw_expressions_have_names(msg) && nftnl_rule_nlmsg_parse(msg, r) == 0) {
		ret->handle = nftnl_rule_get_u64(r, NFTNL_RULE_HANDLE);
		nftnl_expr_foreach(r, see, &p);
		notes = nftnl_rule_get_data(r, NFTNL_RULE_USERDATA, &len);
		if (notes && fw_notes_fit(notes, len))
			nftnl_udata_parse(notes, len, see_note, &p);
		ret->mark = is_ours(&p) ? p.value : 0;
	}
	nftnl_rule_free(r);
}
