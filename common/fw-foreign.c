// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-foreign.c - our one rule in the base chains of libvirt, Docker and ufw */

#include "fw-parts.h"

#include "fw-rule.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
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
 * @mark:     That our rule should have
 * @ours:     Our rules, with the number that each has in the chain
 * @user:     Handle of the jump to DOCKER-USER
 * @n:        Rules so far; of each of the following the number it had, 0: not seen
 */
struct scan {
	uint32_t mark;
	struct {
		uint64_t handle;
		uint32_t mark;
		unsigned int n;
	} ours[FW_OURS_MAX];
	unsigned int n_ours;
	uint64_t user;
	unsigned int n, n_user, n_hostile;
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

/* A torn answer may have a rule twice. */
static void take_ours(struct scan *x, const struct fw_seen *s)
{
	for (unsigned int i = 0; i < x->n_ours; i++)
		if (x->ours[i].handle == s->handle)
			return;
	if (x->n_ours == FW_OURS_MAX)
		return;
	x->ours[x->n_ours].handle = s->handle;
	x->ours[x->n_ours].mark = s->mark;
	x->ours[x->n_ours++].n = x->n;
}

static void on_rule(const struct nlmsghdr *msg, void *data)
{
	struct scan *x = data;
	struct fw_seen s;

	fw_rule_see(msg, &s);
	x->n++;
	if (s.mark) {
		take_ours(x, &s);
	} else if (strcmp(s.jump, DOCKER_USER) == 0) {
		x->user = s.handle;
		x->n_user = x->n;
	} else if (is_hostile(s.jump) && !x->n_hostile) {
		x->n_hostile = x->n;
	}
}

/* A rule that does more than return */
static void on_user_rule(const struct nlmsghdr *msg, void *data)
{
	struct fw_seen s;

	fw_rule_see(msg, &s);
	*(bool *)data |= s.verdict != NFT_RETURN;
}

static int each_rule(struct fw_link *l, size_t place, const char *chain,
		     void (*each)(const struct nlmsghdr *msg, void *data), void *data)
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
	return fw_dump(l, msg, each, data);
}

static void on_chain(const struct nlmsghdr *msg, void *data)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (c && nftnl_chain_nlmsg_parse(msg, c) == 0)
		*(bool *)data =
			nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) &&
			nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) == NF_INET_FORWARD;
	nftnl_chain_free(c);
}

static int find_chain(struct fw_link *l, size_t place, bool *ret)
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
	r = fw_dump(l, msg, on_chain, ret);
	return r == -ENOENT ? 0 : r;
}

static void judge(const struct scan *x, bool user_speaks, struct fw_head *ret)
{
	bool above_user = x->user && x->n_hostile && x->n_hostile < x->n_user;

	if (x->user && (!above_user || user_speaks))
		ret->after = x->user;
	ret->blocked = above_user && user_speaks;
	ret->n_ours = x->n_ours;
	for (unsigned int i = 0; i < x->n_ours; i++) {
		unsigned int n = x->ours[i].n;
		bool low = !ret->after || n > x->n_user;
		bool high = ret->blocked || !x->n_hostile || n < x->n_hostile;

		ret->ours[i] = x->ours[i].handle;
		if (x->ours[i].mark == x->mark && low && high && !ret->good)
			ret->good = ret->ours[i];
	}
}

static int read_head(struct fw_link *l, size_t place, uint32_t mark, struct fw_head *ret)
{
	struct scan x = { .mark = mark };
	bool user_speaks = false;
	int r = find_chain(l, place, &ret->exists);

	if (r < 0 || !ret->exists)
		return r;
	r = each_rule(l, place, places[place].chain, on_rule, &x);
	if (r == 0 && x.user)
		r = each_rule(l, place, DOCKER_USER, on_user_rule, &user_speaks);
	if (r == 0)
		judge(&x, user_speaks, ret);
	return r;
}

int fw_heads_read(struct fw_link *l, uint32_t mark, struct fw_head ret[static FW_HEADS])
{
	int r = 0;

	for (size_t i = 0; i < FW_HEADS && r == 0; i++) {
		ret[i] = (struct fw_head){ 0 };
		r = read_head(l, i, mark, &ret[i]);
	}
	return r;
}

bool fw_head_equal(const struct fw_head *a, const struct fw_head *b)
{
	return a->exists == b->exists && a->good == b->good && a->after == b->after &&
	       a->blocked == b->blocked && a->n_ours == b->n_ours &&
	       memcmp(a->ours, b->ours, a->n_ours * sizeof(a->ours[0])) == 0;
}

/*
 * The only form that iptables 1.8.9 and 1.8.11 list, check, delete, save and restore as
 * what it is: meta mark, bitwise, cmp, counter, accept, and a comment in the user data.
 * With any ct expression iptables-save prints an empty table, and with a set look-up a
 * rule that accepts everything. Measured.
 */
static void put_rule(struct fw_batch *b, size_t place, uint32_t mark, uint64_t after)
{
	struct fw_rule r;

	fw_rule_begin(&r, b, places[place].family, places[place].table,
		      places[place].chain);
	fw_rule_comment(&r, FW_COMMENT);
	fw_match_mark(&r, mark);
	fw_do_counter(&r);
	fw_do_verdict(&r, NF_ACCEPT, NULL);
	fw_rule_end(&r, after, false);
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

void fw_heads_put(struct fw_batch *b, uint32_t mark, bool wanted,
		  const struct fw_head head[static FW_HEADS])
{
	for (size_t i = 0; i < FW_HEADS; i++) {
		for (unsigned int k = 0; k < head[i].n_ours; k++)
			if (!wanted || head[i].ours[k] != head[i].good)
				delete_rule(b, i, head[i].ours[k]);
		if (wanted && head[i].exists && !head[i].good)
			put_rule(b, i, mark, head[i].after);
	}
}
