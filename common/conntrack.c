// SPDX-License-Identifier: GPL-2.0-or-later
/* conntrack.c - connections that a change must not leave, found and deleted by libmnl */

#include "conntrack.h"

#include "fw-link.h"
#include "iface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * Which fields of a tuple a dump is limited to (Linux 5.8; older ones send everything, and
 * so all is looked at again here). Source: Linux net/netfilter/nf_internals.h
 */
enum { ONLY_SOURCE = 1 << 0, ONLY_PROTO = 1 << 3 };

/**
 * struct tuple - One direction of a connection
 */
struct tuple {
	struct ip source, target;
	uint8_t proto;
	uint16_t source_port, target_port;
};

/**
 * struct entry - What the kernel is told to find one connection again
 * @tuple:   Owned. Attributes of CTA_TUPLE_ORIG, @len bytes
 * @id:      Number of the connection, network order
 * @zone:    Whose connection it is where addresses are there more than once, network order
 */
struct entry {
	uint8_t family;
	void *tuple;
	size_t len;
	uint32_t id;
	uint16_t zone;
};

/**
 * struct search - What is looked for
 * @ports:   A bit for each port that any forward has: most connections have none of them
 * @gone, @come: One of them, the other is NULL
 */
struct search {
	uint8_t ports[(UINT16_MAX + 1) / 8];
	const struct forwards *gone, *come;
	const struct ifaddrs *host;
	struct entry *found;
	size_t n;
	int error;
};

static void take_ip(const struct nlattr *nest, struct tuple *t)
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

static void take_proto(const struct nlattr *nest, struct tuple *t)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case CTA_PROTO_NUM:
			t->proto = mnl_attr_get_u8(attr);
			break;
		case CTA_PROTO_SRC_PORT:
			t->source_port = ntohs(mnl_attr_get_u16(attr));
			break;
		case CTA_PROTO_DST_PORT:
			t->target_port = ntohs(mnl_attr_get_u16(attr));
			break;
		}
	}
}

static void take_tuple(const struct nlattr *nest, struct tuple *t)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, nest) {
		if (mnl_attr_get_type(attr) == CTA_TUPLE_IP)
			take_ip(attr, t);
		else if (mnl_attr_get_type(attr) == CTA_TUPLE_PROTO)
			take_proto(attr, t);
	}
}

/* What the forward takes; from the host by loopback everybody may come */
static bool takes(const struct forward *f, const struct tuple *orig)
{
	bool local = f->local && ip_is_loopback(&orig->target);

	return !forward_waits(f) && f->proto == orig->proto &&
	       orig->target_port >= f->lo && orig->target_port <= f->hi &&
	       f->guest.family == orig->target.family &&
	       (local || ((!f->listen.family || ip_equal(&f->listen, &orig->target)) &&
			  ip_net_has(&f->from, &orig->source)));
}

/* A connection that this forward has made */
static bool is_of(const struct forward *f, const struct tuple *orig,
		  const struct tuple *reply)
{
	return takes(f, orig) && ip_equal(&reply->source, &f->guest) &&
	       reply->source_port == f->to + (orig->target_port - f->lo);
}

/* A sender who talked to the host itself before there was this forward */
static bool is_before(const struct search *x, const struct forward *f,
		      const struct tuple *orig, const struct tuple *reply)
{
	return orig->proto != IPPROTO_TCP && takes(f, orig) &&
	       ip_equal(&reply->source, &orig->target) &&
	       iface_has(x->host, &orig->target);
}

static bool is_concerned(const struct search *x, const struct tuple *orig,
			 const struct tuple *reply)
{
	if (!(x->ports[orig->target_port / 8] & (1 << orig->target_port % 8)))
		return false;
	for (size_t i = 0; x->gone && i < x->gone->n; i++)
		if (is_of(&x->gone->list[i], orig, reply))
			return true;
	for (size_t i = 0; x->come && i < x->come->n; i++)
		if (is_before(x, &x->come->list[i], orig, reply))
			return true;
	return false;
}

static int keep(struct search *x, const struct nlattr *orig, struct entry e)
{
	struct entry *more = reallocarray(x->found, x->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	x->found = more;
	e.len = mnl_attr_get_payload_len(orig);
	e.tuple = malloc(e.len);
	if (!e.tuple)
		return -ENOMEM;
	memcpy(e.tuple, mnl_attr_get_payload(orig), e.len);
	more[x->n++] = e;
	return 0;
}

static void on_entry(const struct nlmsghdr *msg, void *data)
{
	struct search *x = data;
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr, *first = NULL;
	struct tuple orig = { 0 }, reply = { 0 };
	struct entry e = { .family = g->nfgen_family };

	mnl_attr_for_each (attr, msg, sizeof(*g)) {
		switch (mnl_attr_get_type(attr)) {
		case CTA_TUPLE_ORIG:
			first = attr;
			take_tuple(attr, &orig);
			break;
		case CTA_TUPLE_REPLY:
			take_tuple(attr, &reply);
			break;
		case CTA_ID:
			e.id = mnl_attr_get_u32(attr);
			break;
		case CTA_ZONE:
			e.zone = mnl_attr_get_u16(attr);
			break;
		}
	}
	if (first && x->error == 0 && is_concerned(x, &orig, &reply))
		x->error = keep(x, first, e);
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

static int delete_entry(struct fw_link *l, const struct entry *e)
{
	char buf[1024];
	struct nlmsghdr *msg = message(buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, e->family);
	int r;

	if (e->len > sizeof(buf) / 2)
		return 0;
	mnl_attr_put(msg, CTA_TUPLE_ORIG | NLA_F_NESTED, e->len, e->tuple);
	mnl_attr_put_u32(msg, CTA_ID, e->id);
	if (e->zone)
		mnl_attr_put_u16(msg, CTA_ZONE, e->zone);
	r = fw_dump(l, msg, NULL, NULL);
	return r == -ENOENT ? 0 : r; /* it has ended meanwhile */
}

static void put_filter(struct nlmsghdr *msg, uint16_t flags_of, uint32_t flags)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, CTA_FILTER);

	mnl_attr_put_u32(msg, flags_of, flags);
	mnl_attr_nest_end(msg, nest);
}

/* Connections that a guest answers: after a forward has gone, one of them may be its */
static int find_answered(struct fw_link *l, struct search *x, const struct ip *guest)
{
	char buf[256];
	struct nlmsghdr *msg = message(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, guest->family);
	struct nlattr *tuple = mnl_attr_nest_start(msg, CTA_TUPLE_REPLY);
	struct nlattr *ip = mnl_attr_nest_start(msg, CTA_TUPLE_IP);

	mnl_attr_put(msg, guest->family == AF_INET6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC,
		     ip_size(guest), guest->bytes);
	mnl_attr_nest_end(msg, ip);
	mnl_attr_nest_end(msg, tuple);
	put_filter(msg, CTA_FILTER_REPLY_FLAGS, ONLY_SOURCE);
	return fw_dump(l, msg, on_entry, x) ?: x->error;
}

/* Connections of a protocol: before a forward came, one of them may have been the host's */
static int find_proto(struct fw_link *l, struct search *x, uint8_t family, uint8_t number)
{
	char buf[256];
	struct nlmsghdr *msg = message(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, family);
	struct nlattr *tuple = mnl_attr_nest_start(msg, CTA_TUPLE_ORIG);
	struct nlattr *proto = mnl_attr_nest_start(msg, CTA_TUPLE_PROTO);

	mnl_attr_put_u8(msg, CTA_PROTO_NUM, number);
	mnl_attr_nest_end(msg, proto);
	mnl_attr_nest_end(msg, tuple);
	put_filter(msg, CTA_FILTER_ORIG_FLAGS, ONLY_PROTO);
	return fw_dump(l, msg, on_entry, x) ?: x->error;
}

static void note_ports(struct search *x, const struct forward *f)
{
	for (unsigned int port = f->lo; port <= f->hi; port++)
		x->ports[port / 8] |= (uint8_t)(1 << port % 8);
}

/* Each guest is asked for once, with all that leads to it. */
static int find_gone(struct fw_link *l, struct search *x, const struct forwards *gone)
{
	int r = 0;

	x->gone = gone;
	for (size_t i = 0; i < gone->n; i++)
		note_ports(x, &gone->list[i]);
	for (size_t i = 0; i < gone->n && r == 0; i++) {
		const struct ip *guest = &gone->list[i].guest;
		size_t k = 0;

		while (k < i && !ip_equal(&gone->list[k].guest, guest))
			k++;
		if (k == i && !forward_waits(&gone->list[i]))
			r = find_answered(l, x, guest);
	}
	x->gone = NULL;
	return r;
}

/* A TCP client that talked to the host itself has been refused, or has its connection. */
static bool has_sender(const struct forward *f)
{
	return f->proto != IPPROTO_TCP && !forward_waits(f);
}

/* Each family and protocol is asked for once. */
static int find_come(struct fw_link *l, struct search *x, const struct forwards *come)
{
	int r = 0;

	x->come = come;
	for (size_t i = 0; i < come->n; i++)
		note_ports(x, &come->list[i]);
	for (size_t i = 0; i < come->n && r == 0; i++) {
		const struct forward *f = &come->list[i];
		size_t k = 0;

		while (k < i && (come->list[k].proto != f->proto ||
				 come->list[k].guest.family != f->guest.family ||
				 !has_sender(&come->list[k])))
			k++;
		if (k == i && has_sender(f))
			r = find_proto(l, x, f->guest.family, f->proto);
	}
	x->come = NULL;
	return r;
}

/* The kernel walks its whole table for each question: it is asked only what is needed. */
static bool is_needed(const struct forwards *gone, const struct forwards *come)
{
	if (forwards_any(gone))
		return true;
	for (size_t i = 0; come && i < come->n; i++)
		if (has_sender(&come->list[i]))
			return true;
	return false;
}

int conntrack_flush(const struct forwards *gone, const struct forwards *come,
		    unsigned int *ret_n)
{
	struct search x = { 0 };
	struct fw_link l = { 0 };
	struct ifaddrs *host = NULL;
	int r;

	*ret_n = 0;
	if (!is_needed(gone, come))
		return 0;
	r = fw_link_open(&l);
	if (r == 0)
		r = iface_read(&host);
	x.host = host;
	if (r == 0 && gone)
		r = find_gone(&l, &x, gone);
	if (r == 0 && come)
		r = find_come(&l, &x, come);
	for (size_t i = 0; i < x.n; i++) {
		r = r ?: delete_entry(&l, &x.found[i]);
		free(x.found[i].tuple);
	}
	*ret_n = (unsigned int)x.n;
	free(x.found);
	iface_free(&host);
	fw_link_close(&l);
	return r == -EINVAL ? -EOPNOTSUPP : r;
}
