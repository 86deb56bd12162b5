// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-link.c - questions to the kernel's packet filter and their answers, by libmnl */

#include "fw-link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

/* the kernel fills at most 32 kB at once, see MNL_SOCKET_DUMP_SIZE; more is free */
#define ANSWER_MAX 65536

int fw_link_open(struct fw_link *l)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int r;

	if (!nl)
		return -errno;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		mnl_socket_close(nl);
		return r;
	}
	fw_link_close(l);
	l->nl = nl;
	return 0;
}

void fw_link_close(struct fw_link *l)
{
	if (l->nl)
		mnl_socket_close(l->nl);
	l->nl = NULL;
}

/**
 * struct answer - What has come of one
 * @done:    It has ended
 * @error:   With 0 or -errno
 */
struct answer {
	struct fw_link *l;
	void (*each)(const struct nlmsghdr *msg, void *data);
	void *data;
	bool done;
	int error;
};

/* The end of a dump carries an error too, when there was one. */
static int error_of(const struct nlmsghdr *msg)
{
	const int *error = mnl_nlmsg_get_payload(msg);

	if (mnl_nlmsg_get_payload_len(msg) < sizeof(*error))
		return 0;
	return *error <= 0 ? *error : -EBADMSG;
}

bool fw_message_ok(const struct nlmsghdr *msg, int left)
{
	return left >= (int)sizeof(*msg) && msg->nlmsg_len <= (uint32_t)left &&
	       mnl_nlmsg_ok(msg, left);
}

/* libmnl looks for attributes up to the next multiple of four: so must the message be long */
static bool is_aligned(const struct nlmsghdr *msg)
{
	return MNL_ALIGN(msg->nlmsg_len) == msg->nlmsg_len;
}

static void take_message(struct answer *a, const struct nlmsghdr *msg)
{
	if (msg->nlmsg_seq != a->l->seq || a->done)
		return;
	if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
		a->l->torn = true;
	if (msg->nlmsg_type == NLMSG_ERROR || msg->nlmsg_type == NLMSG_DONE) {
		a->done = true;
		a->error = error_of(msg);
	} else if (msg->nlmsg_type >= NLMSG_MIN_TYPE && a->each && is_aligned(msg) &&
		   mnl_nlmsg_get_payload_len(msg) >= sizeof(struct nfgenmsg)) {
		a->each(msg, a->data);
	}
}

int fw_dump(struct fw_link *l, struct nlmsghdr *msg,
	    void (*each)(const struct nlmsghdr *msg, void *data), void *data)
{
	struct answer a = { .l = l, .each = each, .data = data };
	char buf[ANSWER_MAX];

	msg->nlmsg_seq = ++l->seq;
	if (mnl_socket_sendto(l->nl, msg, msg->nlmsg_len) < 0)
		return -errno;
	while (!a.done) {
		/* a datagram that does not fit is -ENOSPC */
		ssize_t n = mnl_socket_recvfrom(l->nl, buf, sizeof(buf));
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		msg = (struct nlmsghdr *)buf;
		for (; fw_message_ok(msg, left); msg = mnl_nlmsg_next(msg, &left))
			take_message(&a, msg);
	}
	return a.error;
}

static bool has_name(const struct nlattr *expression)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, expression)
		if (mnl_attr_get_type(attr) == NFTA_EXPR_NAME)
			return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0;
	return false;
}

bool fw_expressions_have_names(const struct nlmsghdr *msg)
{
	const struct nlattr *attr, *expression;

	mnl_attr_for_each (attr, msg, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == NFTA_RULE_EXPRESSIONS)
			mnl_attr_for_each_nested (expression, attr)
				if (!has_name(expression))
					return false;
	return true;
}

static int take_generation(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFTA_GEN_ID &&
	    mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
		*(uint32_t *)data = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

static void on_generation(const struct nlmsghdr *msg, void *data)
{
	if (msg->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN))
		mnl_attr_parse(msg, sizeof(struct nfgenmsg), take_generation, data);
}

int fw_generation(struct fw_link *l, uint32_t *ret)
{
	char buf[64];
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(msg, sizeof(*g));
	uint32_t generation = 0;
	int r;

	msg->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	*g = (struct nfgenmsg){ .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
	r = fw_dump(l, msg, on_generation, &generation);
	if (r == -EINVAL)
		return -EOPNOTSUPP; /* no such subsystem */
	if (r == 0 && generation == 0)
		return -EBADMSG;
	if (r == 0)
		*ret = generation;
	return r;
}
