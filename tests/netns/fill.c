// SPDX-License-Identifier: GPL-2.0-or-later
/* fill.c - fill the table of connections of this network namespace, or empty it */

/*
 * usage: fill [empty]
 *
 * The limit is the machine's and cannot be lowered for a namespace, but each namespace is
 * counted by itself. UDP from 10.0.0.0/8 to 10.255.0.1, assured, so that the kernel drops
 * none of them early to make room. Prints how many there are.
 */

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LIMIT    "/proc/sys/net/netfilter/nf_conntrack_max"
#define COUNT    "/proc/sys/net/netfilter/nf_conntrack_count"
#define MESSAGES 128
#define ROOM     (MESSAGES * 256)

static unsigned int number(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned int n = 0;

	if (!f || fscanf(f, "%u", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

static struct nlmsghdr *put(char *at, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(at);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(msg, sizeof(*g));

	msg->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	msg->nlmsg_flags = NLM_F_REQUEST | flags;
	*g = (struct nfgenmsg){ .nfgen_family = AF_INET, .version = NFNETLINK_V0 };
	return msg;
}

static void put_tuple(struct nlmsghdr *msg, uint16_t type, uint32_t from, uint32_t to,
		      const uint16_t port[static 2])
{
	struct nlattr *tuple = mnl_attr_nest_start(msg, type), *nest;

	nest = mnl_attr_nest_start(msg, CTA_TUPLE_IP);
	mnl_attr_put_u32(msg, CTA_IP_V4_SRC, htonl(from));
	mnl_attr_put_u32(msg, CTA_IP_V4_DST, htonl(to));
	mnl_attr_nest_end(msg, nest);
	nest = mnl_attr_nest_start(msg, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(msg, CTA_PROTO_NUM, IPPROTO_UDP);
	mnl_attr_put_u16(msg, CTA_PROTO_SRC_PORT, htons(port[0]));
	mnl_attr_put_u16(msg, CTA_PROTO_DST_PORT, htons(port[1]));
	mnl_attr_nest_end(msg, nest);
	mnl_attr_nest_end(msg, tuple);
}

static size_t put_connection(char *at, unsigned int i)
{
	static const uint16_t there[2] = { 4000, 53 }, back[2] = { 53, 4000 };
	struct nlmsghdr *msg = put(at, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL);
	uint32_t from = 0x0a000001 + i, to = 0x0aff0001;

	put_tuple(msg, CTA_TUPLE_ORIG, from, to, there);
	put_tuple(msg, CTA_TUPLE_REPLY, to, from, back);
	mnl_attr_put_u32(msg, CTA_STATUS,
			 htonl(IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED));
	mnl_attr_put_u32(msg, CTA_TIMEOUT, htonl(3600));
	return msg->nlmsg_len;
}

static int fill(struct mnl_socket *nl)
{
	unsigned int limit = number(LIMIT);
	char *buf = malloc(ROOM);

	/* those that are one too many are refused */
	for (unsigned int i = 0; buf && i <= limit; i += MESSAGES) {
		size_t len = 0;

		for (unsigned int k = 0; k < MESSAGES; k++)
			len += put_connection(buf + len, i + k);
		if (mnl_socket_sendto(nl, buf, len) < 0)
			break;
	}
	free(buf);
	return number(COUNT) >= limit ? 0 : 1;
}

int main(int argc, char *argv[])
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);
	char buf[256];
	int r;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		fprintf(stderr, "usage: fill [empty], as root\n");
		return 2;
	}
	if (argc > 1 && strcmp(argv[1], "empty") == 0) {
		struct nlmsghdr *msg = put(buf, IPCTNL_MSG_CT_DELETE, 0);

		r = mnl_socket_sendto(nl, msg, msg->nlmsg_len) < 0;
	} else {
		r = fill(nl);
	}
	mnl_socket_close(nl);
	printf("%u\n", number(COUNT));
	return r;
}
