// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-batch.c - nf_tables messages in one batch, by libmnl */

#include "fw-batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGE_MAX (128u << 10) /* an attribute ends at 64 kB */
#define ANSWER_MAX  65536
/* net.core.wmem_default: a socket has so much anyway */
#define SEND_MIN 212992

static void put_header(struct nlmsghdr *msg, uint16_t type, uint8_t family,
		       uint16_t flags, uint32_t seq, uint16_t resource)
{
	struct nfgenmsg *g;

	mnl_nlmsg_put_header(msg);
	msg->nlmsg_type = type;
	msg->nlmsg_flags = NLM_F_REQUEST | flags;
	msg->nlmsg_seq = seq;
	g = mnl_nlmsg_put_extra_header(msg, sizeof(*g));
	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	g->res_id = htons(resource);
}

static struct nlmsghdr *room(struct fw_batch *b)
{
	size_t size = b->size ? b->size : 2 * MESSAGE_MAX;
	char *more;

	while (size < b->len + MESSAGE_MAX)
		size *= 2;
	more = b->error ? NULL : size == b->size ? b->buf : realloc(b->buf, size);
	if (!more) {
		b->error = b->error ? b->error : -ENOMEM;
		return NULL;
	}
	b->buf = more;
	b->size = size;
	return (struct nlmsghdr *)(b->buf + b->len);
}

/* the messages that begin and end a batch are nfnetlink's own */
static struct nlmsghdr *add_mark(struct fw_batch *b, uint16_t type)
{
	struct nlmsghdr *msg = room(b);

	if (msg)
		put_header(msg, type, AF_UNSPEC, 0, b->seq++, NFNL_SUBSYS_NFTABLES);
	return msg;
}

void fw_batch_begin(struct fw_batch *b, uint32_t generation)
{
	struct nlmsghdr *msg;

	b->len = 0;
	b->n = 0;
	b->seq = 1;
	b->error = 0;
	msg = add_mark(b, NFNL_MSG_BATCH_BEGIN);
	if (!msg)
		return;
	mnl_attr_put_u32(msg, NFNL_BATCH_GENID, htonl(generation));
	b->len += msg->nlmsg_len;
}

struct nlmsghdr *fw_batch_add(struct fw_batch *b, uint16_t type, uint16_t family,
			      uint16_t flags)
{
	struct nlmsghdr *msg = room(b);

	if (!msg)
		return NULL;
	put_header(msg, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), (uint8_t)family,
		   flags, b->seq++, 0);
	b->last = b->len;
	b->n++;
	return msg;
}

void fw_batch_done(struct fw_batch *b, const struct nlmsghdr *msg)
{
	b->len += msg->nlmsg_len;
}

/**
 * struct verdict - What the kernel has said of a batch
 * @last:    Number of its last message: the one that is answered on success
 * @known:   It was committed, or refused
 * @error:   First error, 0: none so far
 */
struct verdict {
	uint32_t last;
	bool known;
	int error;
};

static void take_answers(struct verdict *v, const char *buf, size_t len)
{
	const struct nlmsghdr *msg = (const struct nlmsghdr *)buf;
	int left = (int)len;

	for (; fw_message_ok(msg, left); msg = mnl_nlmsg_next(msg, &left)) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(msg);

		if (msg->nlmsg_type != NLMSG_ERROR ||
		    mnl_nlmsg_get_payload_len(msg) < sizeof(e->error))
			continue;
		v->known |= e->error || msg->nlmsg_seq == v->last;
		if (v->error == 0)
			v->error = e->error <= 0 ? e->error : -EBADMSG;
	}
}

/*
 * The kernel has queued all its answers when sending returns. There is one error for each
 * message that it did not take; when they are more than the socket holds, the first ones
 * are there and say that all was refused.
 */
static int read_answers(struct fw_link *l, uint32_t last)
{
	struct verdict v = { .last = last };
	char buf[ANSWER_MAX];
	ssize_t n;

	for (;;) {
		n = recv(mnl_socket_get_fd(l->nl), buf, sizeof(buf), MSG_DONTWAIT);
		if (n >= 0)
			take_answers(&v, buf, (size_t)n);
		else if (errno == EAGAIN)
			break;
		else if (errno != ENOBUFS && errno != EINTR)
			return -errno;
	}
	return v.known ? v.error : -ENOBUFS;
}

int fw_batch_send(struct fw_batch *b, struct fw_link *l)
{
	int fd = mnl_socket_get_fd(l->nl), one = 1, size;
	struct nlmsghdr *msg;
	uint32_t last;

	if (b->error || b->n == 0)
		return b->error;
	/* one answer, sent after the commit: success of the last is success of all */
	msg = (struct nlmsghdr *)(b->buf + b->last);
	msg->nlmsg_flags |= NLM_F_ACK;
	last = msg->nlmsg_seq;
	msg = add_mark(b, NFNL_MSG_BATCH_END);
	if (!msg)
		return b->error;
	b->len += msg->nlmsg_len;
	/* a batch is one datagram */
	size = b->len * 2 < SEND_MIN ? SEND_MIN : (int)(b->len * 2);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	if (mnl_socket_sendto(l->nl, b->buf, b->len) < 0)
		return -errno;
	return read_answers(l, last);
}

void fw_batch_free(struct fw_batch *b)
{
	free(b->buf);
	*b = (struct fw_batch){ 0 };
}
