// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-table.c - the table inet virt_handoff: made with its chains, deleted, looked at */

#include "fw-parts.h"

#include "fw.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* kept with the table: the form that this program makes, and the mark */
#define FORM "virt-handoff forwards 5 mark "
/* A note that nft(8) does not know: what is read back from its print has none. */
#define NOTE_AS_MADE 0x76

/* clang-format off */
static const struct {
	const char *name, *type; /* no type: only jumped to */
	uint32_t hook;
	int32_t priority;
} chains[] = {
	{ "guard_loopback", "filter", NF_INET_LOCAL_IN, -300 },
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

/* ---- making it ---- */

static void make_notes(struct nftnl_table *t, uint32_t mark)
{
	struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	char form[64];

	if (!u)
		return; /* the next look finds a table that is not whole */
	snprintf(form, sizeof(form), FORM "%#010x", mark);
	nftnl_udata_put_strz(u, NFTNL_UDATA_TABLE_COMMENT, form);
	nftnl_udata_put_u32(u, NOTE_AS_MADE, 0);
	nftnl_table_set_data(t, NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(u),
			     nftnl_udata_buf_len(u));
	nftnl_udata_buf_free(u);
}

static void make_table(struct fw_batch *b, uint32_t mark)
{
	struct nftnl_table *t = nftnl_table_alloc();
	struct nlmsghdr *msg =
		fw_batch_add(b, NFT_MSG_NEWTABLE, NFPROTO_INET, NLM_F_CREATE);

	if (!t || !msg) {
		b->error = -ENOMEM;
		nftnl_table_free(t);
		return;
	}
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, FW_TABLE);
	make_notes(t, mark);
	nftnl_table_nlmsg_build_payload(msg, t);
	fw_batch_done(b, msg);
	nftnl_table_free(t);
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

void fw_table_make(struct fw_batch *b, uint32_t mark)
{
	make_table(b, mark);
	for (unsigned int i = 0; i < FW_SETS; i++)
		fw_set_make(b, i);
	for (size_t i = 0; i < ARRAY_LEN(chains); i++)
		make_chain(b, i);
	fw_table_make_rules(b, mark);
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

/**
 * struct notes - What is kept with a table
 * @form:     It has the form that this program makes
 * @as_made:  Nobody has read it back from a print of nft(8)
 */
struct notes {
	bool form, as_made;
	uint32_t mark;
};

static int take_note(const struct nftnl_udata *u, void *data)
{
	struct notes *n = data;
	const char *text = nftnl_udata_get(u);
	uint8_t len = nftnl_udata_len(u);

	n->as_made |= nftnl_udata_type(u) == NOTE_AS_MADE;
	if (nftnl_udata_type(u) == NFTNL_UDATA_TABLE_COMMENT && len > sizeof(FORM) &&
	    text[len - 1] == '\0' && strncmp(text, FORM, sizeof(FORM) - 1) == 0) {
		n->form = true;
		n->mark = (uint32_t)strtoul(text + sizeof(FORM) - 1, NULL, 16);
	}
	return 0;
}

/*
 * A table that was saved and read back by nft(8) looks the same in print, and serves our
 * forwards, but it labels what its maps do not have too (fw-table-rules.c): not whole.
 */
static void take_table(const struct nlmsghdr *msg, void *data)
{
	struct fw_table *ret = data;
	struct nftnl_table *t = nftnl_table_alloc();
	struct notes n = { 0 };
	const void *notes = NULL;
	uint32_t len = 0;

	if (t && nftnl_table_nlmsg_parse(msg, t) == 0) {
		ret->exists = true;
		notes = nftnl_table_get_data(t, NFTNL_TABLE_USERDATA, &len);
	}
	if (notes && fw_notes_fit(notes, len))
		nftnl_udata_parse(notes, len, take_note, &n);
	if (n.form) {
		ret->mark = n.mark;
		ret->whole = n.as_made && nftnl_table_get_u32(t, NFTNL_TABLE_USE) ==
						  FW_SETS + ARRAY_LEN(chains);
	}
	nftnl_table_free(t);
}

static void count_rule(const struct nlmsghdr *msg, void *data)
{
	(void)msg;
	++*(unsigned int *)data;
}

int fw_table_read(struct fw_link *l, struct fw_table *ret)
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
		error = fw_dump(l, msg, take_table, ret);
	}
	if (error == 0 && ret->exists) {
		msg = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETRULE, NFPROTO_INET,
					    NLM_F_DUMP, 2);
		nftnl_rule_nlmsg_build_payload(msg, r);
		error = fw_dump(l, msg, count_rule, &rules);
		ret->whole = ret->whole && rules == FW_TABLE_RULES;
	}
	nftnl_table_free(t);
	nftnl_rule_free(r);
	return error == -ENOENT ? 0 : error;
}
