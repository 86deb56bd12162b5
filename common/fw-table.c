// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-table.c - the table inet virt_handoff: its sets, its chains and its static rules */

#include "fw-parts.h"

#include "fw-rule.h"
#include "fw.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* kept with the table: the form that this program makes, and the mark */
#define FORM "virt-handoff forwards 1 mark "

/* data types of nft(8) for printing: 6 bits a field, nft's include/datatype.h */
enum { T_IP4 = 7, T_IP6 = 8, T_PROTO = 12, T_PORT = 13, T_IFNAME = 41 };
#define T2(a, b)       ((a) << 6 | (b))
#define T3(a, b, c)    (T2(a, b) << 6 | (c))
#define T4(a, b, c, d) (T3(a, b, c) << 6 | (d))

/* NFT_SET_CONCAT of linux/netfilter/nf_tables.h, which Debian 12 does not have */
#define SET_CONCAT 0x80

/*
 * What a set's keys are, for nft(8) and, where fields are ranges, for the kernel: lengths
 * of fields in bytes.
 */
struct set_type {
	struct fw_set_form form;
	uint32_t key, data;
	uint8_t fields[4], n_fields;
};

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): v is a piece of a string */
#define SETS_OF(v, ip, n)									\
	{ { "any" v, 8, n + 4, false }, T2(T_PROTO, T_PORT), T2(ip, T_PORT), { 0 }, 0 },	\
	{ { "addr" v, n + 8, n + 4, false }, T3(ip, T_PROTO, T_PORT), T2(ip, T_PORT), { 0 }, 0 }, \
	{ { "one" v, 8 + 2 * n, n + 4, true }, T4(T_PROTO, T_PORT, ip, ip), T2(ip, T_PORT),	\
	  { 1, 2, n, n }, 4 },									\
	{ { "many" v, 8 + 2 * n, n, true }, T4(T_PROTO, T_PORT, ip, ip), ip,			\
	  { 1, 2, n, n }, 4 },									\
	{ { "to" v, n + 8, 0, false }, T3(ip, T_PROTO, T_PORT), 0, { 0 }, 0 },			\
	{ { "to_many" v, n + 8, 0, true }, T3(ip, T_PROTO, T_PORT), 0, { n, 1, 2 }, 3 },	\
	{ { "hair" v, 2 * n, 0, true }, T2(ip, ip), 0, { n, n }, 2 }
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct set_type types[FW_SETS] = {
	SETS_OF("4", T_IP4, 4),
	SETS_OF("6", T_IP6, 16),
	{ { "guard", 16, 0, false }, T_IFNAME, 0, { 0 }, 0 },
};

static const struct {
	const char *name, *type; /* no type: only jumped to */
	uint32_t hook;
	int32_t priority;
} chains[] = {
	/* before the routing decision could let a guest in by a loopback address */
	{ "guard_loopback", "filter", NF_INET_PRE_ROUTING, -300 },
	/* a little before those of libvirt, Docker and firewalld: dstnat is -100, srcnat 100 */
	{ "from_outside", "nat", NF_INET_PRE_ROUTING, -110 },
	{ "from_host", "nat", NF_INET_LOCAL_OUT, -110 },
	{ "way_back", "nat", NF_INET_POST_ROUTING, 90 },
	/* filter is 0, firewalld's 10 */
	{ "set_mark", "filter", NF_INET_FORWARD, -1 },
	{ "clear_mark", "filter", NF_INET_FORWARD, 2000 },
	{ "to_guest4", NULL, 0, 0 },
	{ "to_guest6", NULL, 0, 0 },
	{ "hide_source", NULL, 0, 0 },
};
/* clang-format on */

#define N_RULES (1 + 2 * 2 + 2 * 7 + 2 + 2 * 3 + 1 + 2 * 4 + 1)

const struct fw_set_form *fw_set_form(unsigned int set)
{
	return &types[set].form;
}

/* ---- making it ---- */

static void make_table(struct fw_batch *b, uint32_t mark)
{
	/* as nft(8) writes a comment: type, length, text */
	char form[64] = { NFTNL_UDATA_TABLE_COMMENT };
	struct nftnl_table *t = nftnl_table_alloc();
	struct nlmsghdr *msg =
		fw_batch_add(b, NFT_MSG_NEWTABLE, NFPROTO_INET, NLM_F_CREATE);

	if (!t || !msg) {
		b->error = -ENOMEM;
		nftnl_table_free(t);
		return;
	}
	snprintf(form + 2, sizeof(form) - 2, FORM "%#010x", mark);
	form[1] = (char)(strlen(form + 2) + 1);
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, FW_TABLE);
	nftnl_table_set_data(t, NFTNL_TABLE_USERDATA, form, 2u + (uint8_t)form[1]);
	nftnl_table_nlmsg_build_payload(msg, t);
	fw_batch_done(b, msg);
	nftnl_table_free(t);
}

/* for nft(8), which prints the name of an interface backwards: type, length, value */
static const uint8_t host_order[] = { NFTNL_UDATA_SET_KEYBYTEORDER, 4, 1, 0, 0, 0 };

static void make_set(struct fw_batch *b, const struct set_type *type, uint32_t id)
{
	struct nftnl_set *s = nftnl_set_alloc();
	struct nlmsghdr *msg =
		fw_batch_add(b, NFT_MSG_NEWSET, NFPROTO_INET, NLM_F_CREATE);
	uint32_t flags = (type->form.data_len ? NFT_SET_MAP : 0) |
			 (type->form.ranges ? NFT_SET_INTERVAL | SET_CONCAT : 0);

	if (!s || !msg) {
		b->error = -ENOMEM;
		nftnl_set_free(s);
		return;
	}
	nftnl_set_set_str(s, NFTNL_SET_TABLE, FW_TABLE);
	nftnl_set_set_str(s, NFTNL_SET_NAME, type->form.name);
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, NFPROTO_INET);
	nftnl_set_set_u32(s, NFTNL_SET_ID, id);
	nftnl_set_set_u32(s, NFTNL_SET_FLAGS, flags);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, type->key);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, type->form.key_len);
	if (type->form.data_len) {
		nftnl_set_set_u32(s, NFTNL_SET_DATA_TYPE, type->data);
		nftnl_set_set_u32(s, NFTNL_SET_DATA_LEN, type->form.data_len);
	}
	if (type->form.ranges)
		nftnl_set_set_data(s, NFTNL_SET_DESC_CONCAT, type->fields,
				   type->n_fields);
	if (type->key == T_IFNAME)
		nftnl_set_set_data(s, NFTNL_SET_USERDATA, host_order, sizeof(host_order));
	nftnl_set_nlmsg_build_payload(msg, s);
	fw_batch_done(b, msg);
	nftnl_set_free(s);
}

static void make_chain(struct fw_batch *b, size_t i)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct nlmsghdr *msg =
		fw_batch_add(b, NFT_MSG_NEWCHAIN, NFPROTO_INET, NLM_F_CREATE);

	if (!c || !msg) {
		b->error = -ENOMEM;
		nftnl_chain_free(c);
		return;
	}
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, FW_TABLE);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chains[i].name);
	if (chains[i].type) {
		nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, chains[i].type);
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, chains[i].hook);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, chains[i].priority);
		nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	}
	nftnl_chain_nlmsg_build_payload(msg, c);
	fw_batch_done(b, msg);
	nftnl_chain_free(c);
}

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
	return types[set + (v6 ? FW_PER_FAMILY : 0)].form.name;
}

/* Guests must not reach the host's loopback where route_localnet is on. */
static void rules_guard(struct fw_batch *b)
{
	struct fw_rule r;

	rule(&r, b, "guard_loopback");
	fw_match_family(&r, false);
	fw_match_loopback(&r, false);
	fw_key_input(&r);
	fw_lookup(&r, types[FW_GUARD].form.name, false);
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

static void make_rules(struct fw_batch *b, uint32_t mark)
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

void fw_table_make(struct fw_batch *b, uint32_t mark)
{
	make_table(b, mark);
	for (uint32_t i = 0; i < ARRAY_LEN(types); i++)
		make_set(b, &types[i], i + 1);
	for (size_t i = 0; i < ARRAY_LEN(chains); i++)
		make_chain(b, i);
	make_rules(b, mark);
}

void fw_table_delete(struct fw_batch *b)
{
	struct nftnl_table *t = nftnl_table_alloc();
	struct nlmsghdr *msg = fw_batch_add(b, NFT_MSG_DELTABLE, NFPROTO_INET, 0);

	if (!t || !msg) {
		b->error = -ENOMEM;
		nftnl_table_free(t);
		return;
	}
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, FW_TABLE);
	nftnl_table_nlmsg_build_payload(msg, t);
	fw_batch_done(b, msg);
	nftnl_table_free(t);
}

/* ---- looking at it ---- */

static int take_table(const struct nlmsghdr *msg, void *data)
{
	struct fw_table *ret = data;
	struct nftnl_table *t = nftnl_table_alloc();
	const char *form = NULL;
	uint32_t len = 0;

	if (t && nftnl_table_nlmsg_parse(msg, t) == 0) {
		ret->exists = true;
		form = nftnl_table_get_data(t, NFTNL_TABLE_USERDATA, &len);
	}
	if (form && len > sizeof(FORM) + 2 && form[len - 1] == '\0' &&
	    strncmp(form + 2, FORM, sizeof(FORM) - 1) == 0) {
		ret->mark = (uint32_t)strtoul(form + 2 + sizeof(FORM) - 1, NULL, 16);
		ret->whole = nftnl_table_get_u32(t, NFTNL_TABLE_USE) ==
			     ARRAY_LEN(types) + ARRAY_LEN(chains);
	}
	nftnl_table_free(t);
	return FW_GO_ON;
}

static int count_rule(const struct nlmsghdr *msg, void *data)
{
	(void)msg;
	++*(unsigned int *)data;
	return FW_GO_ON;
}

int fw_table_read(struct mnl_socket *nl, struct fw_table *ret)
{
	char buf[512];
	struct nftnl_table *t = nftnl_table_alloc();
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct nlmsghdr *msg;
	unsigned int rules = 0;
	int error = t && r ? 0 : -ENOMEM;

	*ret = (struct fw_table){ 0 };
	if (error == 0) {
		nftnl_table_set_str(t, NFTNL_TABLE_NAME, FW_TABLE);
		nftnl_rule_set_str(r, NFTNL_RULE_TABLE, FW_TABLE);
		msg = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETTABLE, NFPROTO_INET,
					    NLM_F_ACK, 1);
		nftnl_table_nlmsg_build_payload(msg, t);
		error = fw_dump(nl, msg, take_table, ret);
	}
	if (error == 0 && ret->exists) {
		msg = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETRULE, NFPROTO_INET,
					    NLM_F_DUMP, 2);
		nftnl_rule_nlmsg_build_payload(msg, r);
		error = fw_dump(nl, msg, count_rule, &rules);
		ret->whole = ret->whole && rules == N_RULES;
	}
	nftnl_table_free(t);
	nftnl_rule_free(r);
	return error == -ENOENT ? 0 : error;
}
