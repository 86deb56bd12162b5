// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-foreign.c - our one rule in the base chains of libvirt, Docker and ufw */

#include "fw-parts.h"

#include <errno.h>
#include <stdio.h> /* for libnftnl/expr.h */
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <string.h>

/*
 * Theory of operation
 *
 * Whoever manages such a chain puts his own rules at its head, and does so again at every
 * restart. So our rule need not be the first; it must stand above every rule that leads
 * to chains which are known to end in a reject or drop (hostile below), and below the
 * jump to DOCKER-USER, where the administrator has what shall hold for Docker's and all
 * other forwarded packets. What an administrator has put above us by hand stays above us.
 *
 * libvirt started after Docker puts its jumps above DOCKER-USER. Then our rule goes to
 * the head as long as DOCKER-USER says nothing; when it says something, our rule stays
 * below it, and the caller is told that packets do not get that far.
 */

#define DOCKER_USER "DOCKER-USER"

static const struct {
	uint16_t family;
	const char *table, *chain;
} places[FW_HEADS] = {
	{ NFPROTO_IPV4, "filter", "FORWARD" },
	{ NFPROTO_IPV6, "filter", "FORWARD" },
	{ NFPROTO_IPV4, "libvirt_network", "forward" },
	{ NFPROTO_IPV6, "libvirt_network", "forward" },
};

/**
 * struct scan - A chain, rule by rule
 * @mark, @before: Of our rule
 * @ours:     Handle of our rule, 0: not seen
 * @other:    Ours, but with the mark of before
 * @user:     Handle of the jump to DOCKER-USER
 * @n:        Rules so far; of each of the following the number it had, 0: not seen
 */
struct scan {
	uint32_t mark, before;
	uint64_t ours, user;
	bool other;
	unsigned int n, n_ours, n_user, n_hostile;
};

static bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool is_hostile(const char *chain)
{
	static const char *const known[] = { "LIBVIRT_", "guest_", "DOCKER", "ufw-",
					     "ufw6-" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (starts_with(chain, known[i]))
			return strcmp(chain, DOCKER_USER) != 0;
	return false;
}

/* What a rule is for us: parts of it as they were seen */
struct seen {
	uint32_t mark, verdict;
	bool mask, accept, foreign;
	const char *jump;
};

static void see_verdict(struct seen *s, const struct nftnl_expr *e)
{
	s->verdict = nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_VERDICT);
	s->accept = s->verdict == NF_ACCEPT;
	if (s->verdict == (uint32_t)NFT_JUMP || s->verdict == (uint32_t)NFT_GOTO)
		s->jump = nftnl_expr_get_str(e, NFTNL_EXPR_IMM_CHAIN);
}

static void see_value(struct seen *s, const struct nftnl_expr *e)
{
	uint32_t len = 0;
	const void *value = nftnl_expr_get(e, NFTNL_EXPR_CMP_DATA, &len);

	if (value && len == sizeof(s->mark))
		memcpy(&s->mark, value, sizeof(s->mark));
	else
		s->foreign = true;
}

static int see(struct nftnl_expr *e, void *data)
{
	struct seen *s = data;
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);

	if (strcmp(name, "meta") == 0)
		s->foreign |= nftnl_expr_get_u32(e, NFTNL_EXPR_META_KEY) != NFT_META_MARK;
	else if (strcmp(name, "cmp") == 0)
		see_value(s, e);
	else if (strcmp(name, "immediate") == 0)
		see_verdict(s, e);
	else if (strcmp(name, "bitwise") == 0)
		s->mask = true;
	/* after iptables-restore a comment is an expression of its own: match */
	else if (strcmp(name, "counter") != 0 && strcmp(name, "match") != 0)
		s->foreign = true;
	return 0;
}

static void take_rule(struct scan *x, struct nftnl_rule *r)
{
	struct seen s = { 0 };
	uint64_t handle = nftnl_rule_get_u64(r, NFTNL_RULE_HANDLE);

	nftnl_expr_foreach(r, see, &s);
	x->n++;
	if (s.accept && s.mask && !s.foreign && s.mark && !x->ours &&
	    (s.mark == x->mark || s.mark == x->before)) {
		x->ours = handle;
		x->n_ours = x->n;
		x->other = s.mark != x->mark;
	} else if (s.jump && strcmp(s.jump, DOCKER_USER) == 0) {
		x->user = handle;
		x->n_user = x->n;
	} else if (s.jump && is_hostile(s.jump) && !x->n_hostile) {
		x->n_hostile = x->n;
	}
}

static int on_rule(const struct nlmsghdr *msg, void *data)
{
	struct nftnl_rule *r = nftnl_rule_alloc();

	if (r && nftnl_rule_nlmsg_parse(msg, r) == 0)
		take_rule(data, r);
	nftnl_rule_free(r);
	return FW_GO_ON;
}

/* A rule that does more than return */
static int on_user_rule(const struct nlmsghdr *msg, void *data)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct seen s = { 0 };

	if (r && nftnl_rule_nlmsg_parse(msg, r) == 0) {
		nftnl_expr_foreach(r, see, &s);
		*(bool *)data |= s.verdict != (uint32_t)NFT_RETURN;
	}
	nftnl_rule_free(r);
	return FW_GO_ON;
}

static int each_rule(struct mnl_socket *nl, size_t place, const char *chain,
		     int (*each)(const struct nlmsghdr *msg, void *data), void *data)
{
	char buf[512];
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct nlmsghdr *msg;

	if (!r)
		return -ENOMEM;
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, places[place].table);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain);
	msg = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETRULE, places[place].family,
				    NLM_F_DUMP, 3);
	nftnl_rule_nlmsg_build_payload(msg, r);
	nftnl_rule_free(r);
	return fw_dump(nl, msg, each, data);
}

static int on_chain(const struct nlmsghdr *msg, void *data)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (c && nftnl_chain_nlmsg_parse(msg, c) == 0)
		*(bool *)data =
			nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) &&
			nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) == NF_INET_FORWARD;
	nftnl_chain_free(c);
	return FW_GO_ON;
}

static int find_chain(struct mnl_socket *nl, size_t place, bool *ret)
{
	char buf[512];
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct nlmsghdr *msg;
	int r;

	if (!c)
		return -ENOMEM;
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, places[place].table);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, places[place].chain);
	msg = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETCHAIN, places[place].family,
				    NLM_F_ACK, 4);
	nftnl_chain_nlmsg_build_payload(msg, c);
	nftnl_chain_free(c);
	r = fw_dump(nl, msg, on_chain, ret);
	return r == -ENOENT ? 0 : r;
}

static void judge(const struct scan *x, bool user_speaks, struct fw_head *ret)
{
	bool above_user = x->user && x->n_hostile && x->n_hostile < x->n_user;

	ret->ours = x->ours;
	if (x->user && (!above_user || user_speaks))
		ret->after = x->user;
	ret->blocked = above_user && user_speaks;
	ret->good = x->ours && !x->other;
	if (ret->after && x->n_ours < x->n_user)
		ret->good = false;
	if (!ret->blocked && x->n_hostile && x->n_hostile < x->n_ours)
		ret->good = false;
}

static int read_head(struct mnl_socket *nl, size_t place, uint32_t mark, uint32_t before,
		     struct fw_head *ret)
{
	struct scan x = { .mark = mark, .before = before };
	bool user_speaks = false;
	int r = find_chain(nl, place, &ret->exists);

	if (r < 0 || !ret->exists)
		return r;
	r = each_rule(nl, place, places[place].chain, on_rule, &x);
	if (r == 0 && x.user)
		r = each_rule(nl, place, DOCKER_USER, on_user_rule, &user_speaks);
	if (r == 0)
		judge(&x, user_speaks, ret);
	return r;
}

int fw_heads_read(struct mnl_socket *nl, uint32_t mark, uint32_t before,
		  struct fw_head ret[static FW_HEADS])
{
	int r = 0;

	for (size_t i = 0; i < FW_HEADS && r == 0; i++) {
		ret[i] = (struct fw_head){ 0 };
		r = read_head(nl, i, mark, before, &ret[i]);
	}
	return r;
}

static void delete_rule(struct fw_batch *b, size_t place, uint64_t handle)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct nlmsghdr *msg = fw_batch_add(b, NFT_MSG_DELRULE, places[place].family, 0);

	if (!r || !msg) {
		b->error = -ENOMEM;
		nftnl_rule_free(r);
		return;
	}
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, places[place].table);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, places[place].chain);
	nftnl_rule_set_u64(r, NFTNL_RULE_HANDLE, handle);
	nftnl_rule_nlmsg_build_payload(msg, r);
	fw_batch_done(b, msg);
	nftnl_rule_free(r);
}

unsigned int fw_heads_put(struct fw_batch *b, uint32_t mark, bool wanted,
			  const struct fw_head head[static FW_HEADS])
{
	unsigned int n = 0;

	for (size_t i = 0; i < FW_HEADS; i++) {
		if (!head[i].exists || (wanted && head[i].good))
			continue;
		if (head[i].ours) {
			delete_rule(b, i, head[i].ours);
			n++;
		}
		if (wanted) {
			fw_rule_accept_mark(b, places[i].family, places[i].table,
					    places[i].chain, mark, head[i].after);
			n++;
		}
	}
	return n;
}
