// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-element.c - forwards as elements of nftables sets, written and read by libmnl */

#include "fw-parts.h"

#include "fw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* 200 elements of the longest form are 60 kB: an attribute ends at 64 kB */
#define PER_MESSAGE 200
/* of a comment in the user data of an element, libnftnl's NFTNL_UDATA_SET_ELEM_COMMENT */
#define UDATA_COMMENT 0

/* ---- keys: fields of 4 or 16 bytes, one after the other ---- */

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + (len + 3) / 4 * 4;
}

static uint8_t *put_ip(uint8_t *at, const struct ip *ip)
{
	return put_bytes(at, ip->bytes, ip_size(ip));
}

static uint8_t *put_port(uint8_t *at, unsigned int port)
{
	uint16_t n = htons((uint16_t)port);

	return put_bytes(at, &n, sizeof(n));
}

static uint8_t *put_proto(uint8_t *at, uint8_t proto)
{
	return put_bytes(at, &proto, sizeof(proto));
}

static int add(struct fw_elements *list, const struct fw_element *e)
{
	if (list->n == list->size) {
		size_t size = list->size ? 2 * list->size : 64;
		struct fw_element *more = reallocarray(list->list, size, sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->list = more;
		list->size = size;
	}
	list->list[list->n++] = *e;
	return 0;
}

/* A set of the family that the guest's address is of */
static uint8_t set_of(enum fw_set set, const struct forward *f)
{
	return (uint8_t)(set + (f->guest.family == AF_INET6 ? FW_PER_FAMILY : 0));
}

static int add_any(struct fw_elements *list, const struct forward *f, unsigned int i)
{
	struct fw_element e = { .set = set_of(FW_ANY, f) };

	put_port(put_proto(e.key, f->proto), f->lo + i);
	put_port(put_ip(e.data, &f->guest), f->to + i);
	memcpy(e.end, e.key, sizeof(e.end));
	return add(list, &e);
}

static int add_address(struct fw_elements *list, const struct forward *f,
		       const struct ip *listen, unsigned int i)
{
	struct fw_element e = { .set = set_of(FW_ADDR, f) };

	put_port(put_proto(put_ip(e.key, listen), f->proto), f->lo + i);
	put_port(put_ip(e.data, &f->guest), f->to + i);
	memcpy(e.end, e.key, sizeof(e.end));
	return add(list, &e);
}

/* Ports with source and listening address; @n of them lead to the same ports, or it is
 * one. */
static int add_general(struct fw_elements *list, const struct forward *f, enum fw_set set,
		       unsigned int i, unsigned int n)
{
	struct fw_element e = { .set = set_of(set, f) };
	const struct ip_net every = { .ip = { .family = f->guest.family } };
	const struct ip_net one = { .ip = f->listen, .prefix = 128 };
	const struct ip_net *from = f->from.ip.family ? &f->from : &every;
	const struct ip_net *listen = f->listen.family ? &one : &every;
	struct ip first = ip_net_first(from), last = ip_net_last(from);
	struct ip low = ip_net_first(listen), high = ip_net_last(listen);
	uint8_t *data;

	put_ip(put_ip(put_port(put_proto(e.key, f->proto), f->lo + i), &first), &low);
	put_ip(put_ip(put_port(put_proto(e.end, f->proto), f->lo + i + n - 1), &last),
	       &high);
	data = put_ip(e.data, &f->guest);
	if (set == FW_ONE)
		put_port(data, f->to + i);
	return add(list, &e);
}

static int add_to(struct fw_elements *list, const struct forward *f, enum fw_set set,
		  unsigned int i, unsigned int n)
{
	struct fw_element e = { .set = set_of(set, f) };

	put_port(put_proto(put_ip(e.key, &f->guest), f->proto), f->to + i);
	put_port(put_proto(put_ip(e.end, &f->guest), f->proto), f->to + i + n - 1);
	return add(list, &e);
}

static int add_hair(struct fw_elements *list, const struct forward *f)
{
	struct fw_element e = { .set = set_of(FW_HAIR, f) };
	struct ip first = ip_net_first(&f->net), last = ip_net_last(&f->net);

	if (!f->net.ip.family)
		return 0;
	put_ip(put_ip(e.key, &first), &f->guest);
	put_ip(put_ip(e.end, &last), &f->guest);
	return add(list, &e);
}

static int add_guard(struct fw_elements *list, const struct forward *f)
{
	struct fw_element e = { .set = FW_GUARD };

	if (!f->local || !f->bridge[0])
		return 0;
	memcpy(e.key, f->bridge, strlen(f->bridge));
	memcpy(e.end, e.key, sizeof(e.end));
	return add(list, &e);
}

/* One port: maps without ranges do not get slower when they grow. */
static int add_port(struct fw_elements *list, const struct forward *f, unsigned int i)
{
	if (f->from.ip.family)
		return add_general(list, f, FW_ONE, i, 1);
	return f->listen.family ? add_address(list, f, &f->listen, i)
				: add_any(list, f, i);
}

static int add_local(struct fw_elements *list, const struct forward *f, unsigned int i)
{
	static const struct ip localhost = { AF_INET, { 127, 0, 0, 1 } };

	if (!f->local || (f->listen.family && !ip_is_loopback(&f->listen)))
		return 0;
	return add_address(list, f, f->listen.family ? &f->listen : &localhost, i);
}

static int add_forward(struct fw_elements *list, const struct forward *f)
{
	unsigned int n = f->hi - f->lo + 1u;
	bool loopback = ip_is_loopback(&f->listen);
	/* nftables has no offset: a range that leads to other ports is single ports */
	bool whole = n > 1 && f->to == f->lo && !loopback;
	int r = add_hair(list, f) ?: add_guard(list, f);

	if (r == 0 && whole)
		r = add_general(list, f, FW_MANY, 0, n)
			    ?: add_to(list, f, FW_TO_MANY, 0, n);
	for (unsigned int i = 0; i < n && r == 0; i++) {
		if (!whole && !loopback)
			r = add_port(list, f, i);
		if (r == 0)
			r = add_local(list, f, i);
		if (r == 0 && !whole)
			r = add_to(list, f, FW_TO, i, 1);
	}
	return r;
}

/* ---- lists ---- */

static int compare(const void *a, const void *b)
{
	const struct fw_element *x = a, *y = b;

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	return memcmp(x->key, y->key, sizeof(x->key))
		       ?: memcmp(x->end, y->end, sizeof(x->end))
				  ?: memcmp(x->data, y->data, sizeof(x->data));
}

/* Where two forwards of a VM lead to ranges that meet, the kernel takes only one. */
static bool merge(struct fw_element *a, const struct fw_element *b)
{
	size_t ip = a->set < FW_PER_FAMILY ? 4 : 16;
	size_t at = ip + 4;
	uint16_t end, begin, b_end;

	if (a->set != b->set || a->set % FW_PER_FAMILY != FW_TO_MANY ||
	    a->set == FW_GUARD || memcmp(a->key, b->key, at) != 0)
		return false;
	memcpy(&end, a->end + at, sizeof(end));
	memcpy(&begin, b->key + at, sizeof(begin));
	memcpy(&b_end, b->end + at, sizeof(b_end));
	if (ntohs(begin) > ntohs(end))
		return false;
	if (ntohs(b_end) > ntohs(end))
		memcpy(a->end, b->end, sizeof(a->end));
	return true;
}

int fw_elements_of(const struct forwards *f, struct fw_elements *ret)
{
	struct fw_elements list = { 0 };
	size_t n = 0;

	for (size_t i = 0; f && i < f->n; i++) {
		if (add_forward(&list, &f->list[i]) < 0) {
			fw_elements_free(&list);
			return -ENOMEM;
		}
	}
	if (list.n)
		qsort(list.list, list.n, sizeof(*list.list), compare);
	for (size_t i = 0; i < list.n; i++) {
		if (n && (compare(&list.list[n - 1], &list.list[i]) == 0 ||
			  merge(&list.list[n - 1], &list.list[i])))
			continue;
		list.list[n++] = list.list[i];
	}
	list.n = n;
	*ret = list;
	return 0;
}

void fw_elements_less(struct fw_elements *list, const struct fw_elements *other)
{
	size_t n = 0, k = 0;

	for (size_t i = 0; i < list->n; i++) {
		int c = 1;

		while (k < other->n && (c = compare(&list->list[i], &other->list[k])) > 0)
			k++;
		if (c != 0)
			list->list[n++] = list->list[i];
	}
	list->n = n;
}

static bool is_shareable(const struct fw_element *e)
{
	return e->set == FW_GUARD || e->set % FW_PER_FAMILY >= FW_TO;
}

static bool has_shareable(const struct fw_elements *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (is_shareable(&list->list[i]))
			return true;
	return false;
}

/* Whether the other VM leads to a guest, or uses a bridge, that this list has */
static bool may_share(const struct fw_elements *list, const struct forward *f)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct fw_element *e = &list->list[i];
		size_t at = e->set % FW_PER_FAMILY == FW_HAIR ? ip_size(&f->guest) : 0;

		if (e->set == FW_GUARD) {
			if (f->local && strcmp((const char *)e->key, f->bridge) == 0)
				return true;
		} else if (is_shareable(e) &&
			   (e->set >= FW_PER_FAMILY) == (f->guest.family == AF_INET6) &&
			   memcmp(e->key + at, f->guest.bytes, ip_size(&f->guest)) == 0) {
			return true;
		}
	}
	return false;
}

int fw_elements_shared(struct fw_elements *list, const struct forwards *others, size_t n)
{
	struct forwards sharing = { 0 };
	struct fw_elements theirs = { 0 };
	int r = 0;

	if (!has_shareable(list))
		return 0;
	for (size_t i = 0; i < n && r == 0; i++)
		for (size_t k = 0; k < others[i].n && r == 0; k++)
			if (may_share(list, &others[i].list[k]))
				r = forwards_add(&sharing, &others[i].list[k]);
	if (r == 0 && sharing.n)
		r = fw_elements_of(&sharing, &theirs);
	if (r == 0)
		fw_elements_less(list, &theirs);
	fw_elements_free(&theirs);
	forwards_free(&sharing);
	return r;
}

void fw_elements_free(struct fw_elements *list)
{
	free(list->list);
	*list = (struct fw_elements){ 0 };
}

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

	mnl_attr_for_each_nested(attr,
				 from) if (mnl_attr_get_type(attr) == NFTA_DATA_VALUE &&
					   mnl_attr_get_payload_len(attr) <= max)
		memcpy(to, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
}

static void take_element(struct finding *x, const struct nlattr *nest)
{
	struct fw_element e = { .set = x->set };
	const struct nlattr *attr, *udata = NULL, *end = NULL;

	mnl_attr_for_each_nested(attr, nest)
	{
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
		x->error = add(x->ret, &e);
}

static int take_elements(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attr, *nest;

	mnl_attr_for_each(attr, msg, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(nest, attr)
		{
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
	if (list.n)
		qsort(list.list, list.n, sizeof(*list.list), compare);
	*ret = list;
	return 0;
}
