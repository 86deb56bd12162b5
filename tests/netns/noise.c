// SPDX-License-Identifier: GPL-2.0-or-later
/* noise.c - somebody who changes the packet filter all the time: a table of his own comes and goes */

/*
 * usage: noise MICROSECONDS
 *
 * Prints "ready" when the first change is done, and goes on until it is killed. Each
 * change is a commit, so each makes another generation of the ruleset.
 */

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct nlmsghdr *put(char *at, uint16_t type, uint16_t flags, uint8_t family,
			    uint16_t resource)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(at);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(msg, sizeof(*g));

	msg->nlmsg_type = type;
	msg->nlmsg_flags = NLM_F_REQUEST | flags;
	*g = (struct nfgenmsg){ .nfgen_family = family, .res_id = htons(resource) };
	return msg;
}

/* One batch: the table comes, or it goes */
static bool commit(const struct mnl_socket *nl, bool come)
{
	uint16_t type = come ? NFT_MSG_NEWTABLE : NFT_MSG_DELTABLE;
	char buf[512], *at = buf;
	struct nlmsghdr *msg;

	msg = put(at, NFNL_MSG_BATCH_BEGIN, 0, 0, NFNL_SUBSYS_NFTABLES);
	at += msg->nlmsg_len;
	msg = put(at, NFNL_SUBSYS_NFTABLES << 8 | type, come ? NLM_F_CREATE : 0,
		  NFPROTO_IPV4, 0);
	mnl_attr_put_strz(msg, NFTA_TABLE_NAME, "noise");
	at += msg->nlmsg_len;
	msg = put(at, NFNL_MSG_BATCH_END, 0, 0, NFNL_SUBSYS_NFTABLES);
	at += msg->nlmsg_len;
	return mnl_socket_sendto(nl, buf, (size_t)(at - buf)) > 0;
}

int main(int argc, char *argv[])
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);
	unsigned int pause = argc == 2 ? (unsigned int)atoi(argv[1]) : 0;
	bool come = true, said = false;

	if (!pause || !nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		fprintf(stderr, "usage: noise MICROSECONDS, as root\n");
		return 2;
	}
	for (; commit(nl, come); come = !come) {
		if (!said && (puts("ready") < 0 || fflush(stdout)))
			return 1;
		said = true;
		usleep(pause);
	}
	return 1;
}
