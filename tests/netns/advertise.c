// SPDX-License-Identifier: GPL-2.0-or-later
/* advertise.c - sends one IPv6 router advertisement by an interface, as a router does */

/*
 * usage: advertise INTERFACE
 *
 * It says that the sender is a default router, and nothing else. Run in the namespace of
 * the router. Source: RFC 4861, 4.2.
 */

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECONDS 1800

int main(int argc, char *argv[])
{
	/* the kernel fills in the checksum of an ICMPv6 socket */
	struct nd_router_advert ra = {
		.nd_ra_type = ND_ROUTER_ADVERT,
		.nd_ra_curhoplimit = 64,
		.nd_ra_router_lifetime = htons(SECONDS),
	};
	struct sockaddr_in6 all = { .sin6_family = AF_INET6 };
	int hops = 255, fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	ssize_t n = -1;

	if (argc != 2 || fd < 0) {
		perror("usage: advertise INTERFACE, as root");
		return 2;
	}
	inet_pton(AF_INET6, "ff02::1", &all.sin6_addr);
	all.sin6_scope_id = if_nametoindex(argv[1]);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) == 0)
		n = sendto(fd, &ra, sizeof(ra), 0, (struct sockaddr *)&all, sizeof(all));
	if (n < 0)
		perror("sendto");
	close(fd);
	return n < 0;
}
