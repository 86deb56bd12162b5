// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-set.c - the maps and sets of the table: what their keys are */

#include "fw-parts.h"

#include "fw.h"

#include <errno.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

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
	{ { "hair" v, 2 * n, 0, true }, T2(ip, ip), 0, { n, n }, 2 }
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct set_type types[FW_SETS] = {
	SETS_OF("4", T_IP4, 4),
	SETS_OF("6", T_IP6, 16),
	{ { "guard", 16, 0, false }, T_IFNAME, 0, { 0 }, 0 },
	{ { "inside", 16, 0, false }, T_IFNAME, 0, { 0 }, 0 },
};
/* clang-format on */

const struct fw_set_form *fw_set_form(unsigned int set)
{
	return &types[set].form;
}

/* for nft(8), which prints the name of an interface backwards: type, length, value */
static const uint8_t host_order[] = { NFTNL_UDATA_SET_KEYBYTEORDER, 4, 1, 0, 0, 0 };

void fw_set_make(struct fw_batch *b, unsigned int set)
{
	const struct set_type *type = &types[set];
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
	nftnl_set_set_u32(s, NFTNL_SET_ID, set + 1);
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
