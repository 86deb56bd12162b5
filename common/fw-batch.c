// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-batch.c - nf_tables messages in one batch, and dumps, by libmnl */

#include "fw-batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX (128u << 10) /* an attribute ends at 64 kB */
#define ANSWER_MAX  65536
/* net.core.wmem_default: a socket has so much anyway */
#define SEND_MIN 212992

int fw_socket_open(uint32_t groups, struct mnl_socket **ret)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int r;

	if (!nl)
		return -errno;
	if (mnl_socket_bind(nl, groups, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		mnl_socket_close(nl);
		return r;
	}
	*ret = nl;
	return 0;
}

void fw_socket_close(struct mnl_socket **nl)
{
	if (*nl)
		mnl_socket_close(*nl);
	*nl = NULL;
}

int fw_dump(struct mnl_socket *nl, struct nlmsghdr *msg,
	    int (*each)(const struct nlmsghdr *msg, void *data), void *data)
{
	char answer[ANSWER_MAX];
	uint32_t seq = msg->nlmsg_seq;
	ssize_t n;
	int r = MNL_CB_OK;

	if (mnl_socket_sendto(nl, msg, msg->nlmsg_len) < 0)
		return -errno;
	while (r > MNL_CB_STOP) {
		n = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		if (n < 0)
			return -errno;
		r = mnl_cb_run(answer, (size_t)n, seq, mnl_socket_get_portid(nl), each,
			       data);
	}
	return r < 0 ? -errno : 0;
}

static int take_generation(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFTA_GEN_ID)
		*(uint32_t *)data = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

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

int fw_generation(struct mnl_socket *nl, uint32_t *ret)
{
	char buf[8192];
	struct nlmsghdr *msg = (struct nlmsghdr *)buf;
	ssize_t n;

	put_header(msg, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, AF_UNSPEC, 0, 1, 0);
	if (mnl_socket_sendto(nl, msg, msg->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(*msg) || msg->nlmsg_type == NLMSG_ERROR)
		return -EOPNOTSUPP; /* a kernel without nf_tables */
	mnl_attr_parse(msg, sizeof(struct nfgenmsg), take_generation, ret);
	return 0;
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

/* First error of the answers; 1 when the last message was answered, 0 when it goes on */
static int read_answers(const char *buf, size_t len, uint32_t last, int *error)
{
	const struct nlmsghdr *msg = (const struct nlmsghdr *)buf;
	int left = (int)len, done = 0;

	for (; mnl_nlmsg_ok(msg, left); msg = mnl_nlmsg_next(msg, &left)) {
		const struct nlmsgerr *e;

		if (msg->nlmsg_type != NLMSG_ERROR)
			continue;
		e = mnl_nlmsg_get_payload(msg);
		if (e->error && !*error)
			*error = e->error;
		if (e->error || msg->nlmsg_seq == last)
			done = 1;
	}
	return done;
}

static int wait_answer(struct mnl_socket *nl, uint32_t last)
{
	int fd = mnl_socket_get_fd(nl), error = 0, done = 0;
	char buf[ANSWER_MAX];
	ssize_t n;

	while (!done) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0 && errno == EINTR)
			continue;
		/* more errors than fit: one is enough to know that all was refused */
		if (n < 0)
			return errno == ENOBUFS ? -ENOENT : -errno;
		done = read_answers(buf, (size_t)n, last, &error);
	}
	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	return error;
}

int fw_batch_send(struct fw_batch *b, struct mnl_socket *nl)
{
	int fd = mnl_socket_get_fd(nl), one = 1, size;
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
	if (mnl_socket_sendto(nl, b->buf, b->len) < 0)
		return -errno;
	return wait_answer(nl, last);
}

void fw_batch_free(struct fw_batch *b)
{
	free(b->buf);
	*b = (struct fw_batch){ 0 };
}
