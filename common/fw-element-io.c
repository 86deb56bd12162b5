// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-element-io.c - elements to and from the kernel, written and read by libmnl */

#include "fw-parts.h"

#include "fw.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

/* 200 elements of the longest form are 60 kB: an attribute ends at 64 kB */
#define PER_MESSAGE 200
/* of a comment in the user data of an element, libnftnl's NFTNL_UDATA_SET_ELEM_COMMENT */
#define UDATA_COMMENT 0

/* ---- to the kernel: written without libnftnl, which takes three times as long ---- */

static void put_value(struct nlmsghdr *msg, uint16_t type, const void *value, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, type);

	mnl_attr_put(msg, NFTA_DATA_VALUE, len, value);
	mnl_attr_nest_end(msg, nest);
}

static void put_element(struct nlmsghdr *msg, const struct fw_element *e, bool new,
			const char *tag)
{
	const struct fw_set_form *form = fw_set_form(e->set);
	struct nlattr *nest = mnl_attr_nest_start(msg, NFTA_LIST_ELEM);
	char comment[2 + FORWARD_TAG_LEN] = { UDATA_COMMENT };

	put_value(msg, NFTA_SET_ELEM_KEY, e->key, form->key_len);
	if (form->ranges)
		put_value(msg, NFTA_SET_ELEM_KEY_END, e->end, form->key_len);
	if (new && form->data_len)
		put_value(msg, NFTA_SET_ELEM_DATA, e->data, form->data_len);
	if (new) {
		size_t len = strnlen(tag, FORWARD_TAG_LEN - 1) + 1;

		comment[1] = (char)len;
		memcpy(comment + 2, tag, len - 1);
		mnl_attr_put(msg, NFTA_SET_ELEM_USERDATA, len + 2, comment);
	}
	mnl_attr_nest_end(msg, nest);
}

void fw_elements_put(struct fw_batch *b, uint16_t type, const struct fw_elements *list,
		     const char *tag)
{
	bool new = type == NFT_MSG_NEWSETELEM;

	for (size_t i = 0; i < list->n;) {
		uint8_t set = list->list[i].set;
		struct nlmsghdr *msg =
			fw_batch_add(b, type, NFPROTO_INET, new ? NLM_F_CREATE : 0);
		struct nlattr *nest;

		if (!msg)
			return;
		mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_TABLE, FW_TABLE);
		mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_SET, fw_set_form(set)->name);
		nest = mnl_attr_nest_start(msg, NFTA_SET_ELEM_LIST_ELEMENTS);
		for (size_t end = i + PER_MESSAGE;
		     i < end && i < list->n && list->list[i].set == set; i++)
			put_element(msg, &list->list[i], new, tag);
		mnl_attr_nest_end(msg, nest);
		fw_batch_done(b, msg);
	}
}

/* ---- from the kernel ---- */

struct finding {
	const char *tag;
	struct fw_elements *ret;
	uint8_t set;
	int error;
};

static bool has_tag(const struct nlattr *udata, const char *tag)
{
	const char *s = udata ? mnl_attr_get_payload(udata) : NULL;
	size_t len = udata ? mnl_attr_get_payload_len(udata) : 0;

	return !tag || (len > 2 && s[0] == UDATA_COMMENT && len == strlen(tag) + 3 &&
			memcmp(s + 2, tag, len - 2) == 0);
}

static void take_value(const struct nlattr *from, uint8_t *to, size_t max)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, from)
		if (mnl_attr_get_type(attr) == NFTA_DATA_VALUE &&
		    mnl_attr_get_payload_len(attr) <= max)
			memcpy(to, mnl_attr_get_payload(attr),
			       mnl_attr_get_payload_len(attr));
}

static void take_element(struct finding *x, const struct nlattr *nest)
{
	struct fw_element e = { .set = x->set };
	const struct nlattr *attr, *udata = NULL, *end = NULL;

	mnl_attr_for_each_nested (attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NFTA_SET_ELEM_KEY:
			take_value(attr, e.key, sizeof(e.key));
			break;
		case NFTA_SET_ELEM_KEY_END:
			end = attr;
			break;
		case NFTA_SET_ELEM_DATA:
			take_value(attr, e.data, sizeof(e.data));
			break;
		case NFTA_SET_ELEM_USERDATA:
			udata = attr;
			break;
		}
	}
	memcpy(e.end, e.key, sizeof(e.end));
	if (end)
		take_value(end, e.end, sizeof(e.end));
	if (has_tag(udata, x->tag) && x->error == 0)
		x->error = fw_elements_add(x->ret, &e);
}

static int take_elements(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attr, *nest;

	mnl_attr_for_each (attr, msg, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested (nest, attr) {
			take_element(data, nest);
		}
	}
	return MNL_CB_OK;
}

static int find_in(struct mnl_socket *nl, struct finding *x)
{
	char buf[512];
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g;

	msg->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	msg->nlmsg_seq = 100u + x->set;
	g = mnl_nlmsg_put_extra_header(msg, sizeof(*g));
	*g = (struct nfgenmsg){ .nfgen_family = NFPROTO_INET };
	mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_TABLE, FW_TABLE);
	mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_SET, fw_set_form(x->set)->name);
	return fw_dump(nl, msg, take_elements, x) ?: x->error;
}

int fw_elements_find(struct mnl_socket *nl, const char *tag, struct fw_elements *ret)
{
	struct fw_elements list = { 0 };
	struct finding x = { .tag = tag, .ret = &list };
	int r = 0;

	for (x.set = 0; x.set < FW_SETS && r == 0; x.set++)
		r = find_in(nl, &x);
	if (r < 0) {
		fw_elements_free(&list);
		return r;
	}
	fw_elements_sort(&list);
	*ret = list;
	return 0;
}
