// SPDX-License-Identifier: GPL-2.0-or-later
/* conntrack.c - connections that a change must not leave, found and deleted by libmnl */

#include "conntrack.h"

#include "fw-batch.h"
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
 */
struct entry {
	uint8_t family;
	void *tuple;
	size_t len;
	uint32_t id;
};

/**
 * struct search - What is looked for
 * @ports:   A bit for each port that any forward has: most connections have none of them
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

	mnl_attr_for_each_nested(attr, nest)
	{
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

	mnl_attr_for_each_nested(attr, nest)
	{
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

	mnl_attr_for_each_nested(attr, nest)
	{
		if (mnl_attr_get_type(attr) == CTA_TUPLE_IP)
			take_ip(attr, t);
		else if (mnl_attr_get_type(attr) == CTA_TUPLE_PROTO)
			take_proto(attr, t);
	}
}

static bool has_port(const struct forward *f, const struct tuple *orig)
{
	return !forward_waits(f) && f->proto == orig->proto &&
	       orig->target_port >= f->lo &&
	       orig->target_port <= f->hi && f->guest.family == orig->target.family &&
	       (!f->listen.family || ip_equal(&f->listen, &orig->target) ||
		(f->local && ip_is_loopback(&orig->target)));
}

/* A connection that this forward has made */
static bool is_of(const struct forward *f, const struct tuple *orig,
		  const struct tuple *reply)
{
	return has_port(f, orig) && ip_equal(&reply->source, &f->guest) &&
	       reply->source_port == f->to + (orig->target_port - f->lo);
}

/* A sender who talked to the host itself before there was this forward */
static bool is_before(const struct search *x, const struct forward *f,
		      const struct tuple *orig, const struct tuple *reply)
{
	return orig->proto != IPPROTO_TCP && has_port(f, orig) &&
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

static int keep(struct search *x, const struct nlattr *orig, uint32_t id, uint8_t family)
{
	struct entry *more = reallocarray(x->found, x->n + 1, sizeof(*more));
	struct entry e = { .family = family, .id = id };

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

static int on_entry(const struct nlmsghdr *msg, void *data)
{
	struct search *x = data;
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr, *first = NULL;
	struct tuple orig = { 0 }, reply = { 0 };
	uint32_t id = 0;

	mnl_attr_for_each(attr, msg, sizeof(*g))
	{
		switch (mnl_attr_get_type(attr)) {
		case CTA_TUPLE_ORIG:
			first = attr;
			take_tuple(attr, &orig);
			break;
		case CTA_TUPLE_REPLY:
			take_tuple(attr, &reply);
			break;
		case CTA_ID:
			id = mnl_attr_get_u32(attr);
			break;
		}
	}
	if (first && x->error == 0 && is_concerned(x, &orig, &reply))
		x->error = keep(x, first, id, g->nfgen_family);
	return MNL_CB_OK;
}

static struct nlmsghdr *message(char *buf, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g;

	msg->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	msg->nlmsg_flags = NLM_F_REQUEST | flags;
	msg->nlmsg_seq = type;
	g = mnl_nlmsg_put_extra_header(msg, sizeof(*g));
	*g = (struct nfgenmsg){ .nfgen_family = family, .version = NFNETLINK_V0 };
	return msg;
}

static int delete_entry(struct mnl_socket *nl, const struct entry *e)
{
	char buf[1024];
	struct nlmsghdr *msg = message(buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, e->family);
	int r;

	if (e->len > sizeof(buf) / 2)
		return 0;
	mnl_attr_put(msg, CTA_TUPLE_ORIG | NLA_F_NESTED, e->len, e->tuple);
	mnl_attr_put_u32(msg, CTA_ID, e->id);
	r = fw_dump(nl, msg, NULL, NULL);
	return r == -ENOENT ? 0 : r; /* it has ended meanwhile */
}

static int flush(struct mnl_socket *nl, struct search *x, unsigned int *ret_n)
{
	char buf[256];
	struct nlmsghdr *msg = message(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC);
	int r = fw_dump(nl, msg, on_entry, x) ?: x->error;

	for (size_t i = 0; i < x->n && r == 0; i++)
		r = delete_entry(nl, &x->found[i]);
	*ret_n = (unsigned int)x->n;
	for (size_t i = 0; i < x->n; i++)
		free(x->found[i].tuple);
	free(x->found);
	return r;
}

static void note_ports(struct search *x, const struct forwards *f)
{
	for (size_t i = 0; f && i < f->n; i++)
		for (unsigned int port = f->list[i].lo; port <= f->list[i].hi; port++)
			x->ports[port / 8] |= (uint8_t)(1 << port % 8);
}

int conntrack_flush(const struct forwards *gone, const struct forwards *come,
		    unsigned int *ret_n)
{
	struct search x = { .gone = gone, .come = come };
	struct mnl_socket *nl = NULL;
	struct ifaddrs *host = NULL;
	int r = fw_socket_open(0, &nl);

	*ret_n = 0;
	if (r == 0)
		r = iface_read(&host);
	x.host = host;
	note_ports(&x, gone);
	note_ports(&x, come);
	if (r == 0)
		r = flush(nl, &x, ret_n);
	iface_free(&host);
	fw_socket_close(&nl);
	return r == -EINVAL ? -EOPNOTSUPP : r;
}
