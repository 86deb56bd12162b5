// SPDX-License-Identifier: GPL-2.0-or-later
/* conntrack-io.c - connections read from the kernel, and deleted there, by libmnl */

#include "conntrack-io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>
#include <sys/socket.h>

/*
 * Which fields of a tuple a dump is limited to (Linux 5.8; older ones send everything).
 * Source: Linux net/netfilter/nf_internals.h
 */
enum { ONLY_SOURCE = 1 << 0, ONLY_PROTO = 1 << 3 };

/* Who gets what is read */
struct reader {
	void (*each)(const struct conntrack_entry *e, void *data);
	void *data;
};

static bool has_size(const struct nlattr *attr, size_t size)
{
	return mnl_attr_get_payload_len(attr) == size;
}

static void take_ip(const struct nlattr *nest, struct conntrack_tuple *t)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, nest) {
		uint16_t type = mnl_attr_get_type(attr);
		size_t len = mnl_attr_get_payload_len(attr);
		struct ip *ip = type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC
					? &t->source
					: &t->target;

		if (len != 4 && len != 16)
			continue;
		ip->family = len == 4 ? AF_INET : AF_INET6;
		memcpy(ip->bytes, mnl_attr_get_payload(attr), len);
	}
}

static void take_proto(const struct nlattr *nest, struct conntrack_tuple *t)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, nest) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == CTA_PROTO_NUM && has_size(attr, 1))
			t->proto = mnl_attr_get_u8(attr);
		else if (type == CTA_PROTO_SRC_PORT && has_size(attr, 2))
			t->source_port = ntohs(mnl_attr_get_u16(attr));
		else if (type == CTA_PROTO_DST_PORT && has_size(attr, 2))
			t->target_port = ntohs(mnl_attr_get_u16(attr));
	}
}

static void take_tuple(const struct nlattr *nest, struct conntrack_tuple *t)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, nest) {
		if (mnl_attr_get_type(attr) == CTA_TUPLE_IP)
			take_ip(attr, t);
		else if (mnl_attr_get_type(attr) == CTA_TUPLE_PROTO)
			take_proto(attr, t);
	}
}

static void on_entry(const struct nlmsghdr *msg, void *data)
{
	const struct reader *to = data;
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(msg);
	struct conntrack_entry e = { .family = g->nfgen_family };
	const struct nlattr *attr;

	mnl_attr_for_each (attr, msg, sizeof(*g)) {
		switch (mnl_attr_get_type(attr)) {
		case CTA_TUPLE_ORIG:
			e.raw = mnl_attr_get_payload(attr);
			e.len = mnl_attr_get_payload_len(attr);
			take_tuple(attr, &e.orig);
			break;
		case CTA_TUPLE_REPLY:
			take_tuple(attr, &e.reply);
			break;
		case CTA_ID:
			if (has_size(attr, sizeof(e.id)))
				e.id = mnl_attr_get_u32(attr);
			break;
		case CTA_ZONE:
			if (has_size(attr, sizeof(e.zone)))
				e.zone = mnl_attr_get_u16(attr);
			break;
		}
	}
	if (e.raw)
		to->each(&e, to->data);
}

static struct nlmsghdr *message(char *buf, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g;

	msg->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	msg->nlmsg_flags = NLM_F_REQUEST | flags;
	g = mnl_nlmsg_put_extra_header(msg, sizeof(*g));
	*g = (struct nfgenmsg){ .nfgen_family = family, .version = NFNETLINK_V0 };
	return msg;
}

static void put_filter(struct nlmsghdr *msg, uint16_t flags_of, uint32_t flags)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, CTA_FILTER);

	mnl_attr_put_u32(msg, flags_of, flags);
	mnl_attr_nest_end(msg, nest);
}

int conntrack_answered(struct fw_link *l, const struct ip *guest,
		       void (*each)(const struct conntrack_entry *e, void *data),
		       void *data)
{
	struct reader to = { each, data };
	char buf[256];
	struct nlmsghdr *msg = message(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, guest->family);
	struct nlattr *tuple = mnl_attr_nest_start(msg, CTA_TUPLE_REPLY);
	struct nlattr *ip = mnl_attr_nest_start(msg, CTA_TUPLE_IP);

	mnl_attr_put(msg, guest->family == AF_INET6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC,
		     ip_size(guest), guest->bytes);
	mnl_attr_nest_end(msg, ip);
	mnl_attr_nest_end(msg, tuple);
	put_filter(msg, CTA_FILTER_REPLY_FLAGS, ONLY_SOURCE);
	return fw_dump(l, msg, on_entry, &to);
}

int conntrack_of_proto(struct fw_link *l, uint8_t family, uint8_t number,
		       void (*each)(const struct conntrack_entry *e, void *data),
		       void *data)
{
	struct reader to = { each, data };
	char buf[256];
	struct nlmsghdr *msg = message(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, family);
	struct nlattr *tuple = mnl_attr_nest_start(msg, CTA_TUPLE_ORIG);
	struct nlattr *proto = mnl_attr_nest_start(msg, CTA_TUPLE_PROTO);

	mnl_attr_put_u8(msg, CTA_PROTO_NUM, number);
	mnl_attr_nest_end(msg, proto);
	mnl_attr_nest_end(msg, tuple);
	put_filter(msg, CTA_FILTER_ORIG_FLAGS, ONLY_PROTO);
	return fw_dump(l, msg, on_entry, &to);
}

int conntrack_delete(struct fw_link *l, const struct conntrack_entry *e)
{
	char buf[1024];
	struct nlmsghdr *msg = message(buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, e->family);
	int r;

	if (e->len > sizeof(buf) / 2)
		return 0;
	mnl_attr_put(msg, CTA_TUPLE_ORIG | NLA_F_NESTED, e->len, e->raw);
	mnl_attr_put_u32(msg, CTA_ID, e->id);
	if (e->zone)
		mnl_attr_put_u16(msg, CTA_ZONE, e->zone);
	r = fw_dump(l, msg, NULL, NULL);
	return r == -ENOENT ? 0 : r; /* it has ended meanwhile */
}
