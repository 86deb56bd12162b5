// SPDX-License-Identifier: GPL-2.0-or-later
/* iface.c - addresses of the host's own interfaces */

#include "iface.h"

#include "text.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int iface_read(struct ifaddrs **ret)
{
	return getifaddrs(ret) < 0 ? -errno : 0;
}

void iface_free(struct ifaddrs **all)
{
	if (*all)
		freeifaddrs(*all);
	*all = NULL;
}

static bool to_ip(const struct sockaddr *sa, struct ip *ret)
{
	*ret = (struct ip){ 0 };
	if (!sa || (sa->sa_family != AF_INET && sa->sa_family != AF_INET6))
		return false;
	ret->family = (uint8_t)sa->sa_family;
	if (sa->sa_family == AF_INET)
		memcpy(ret->bytes, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	else
		memcpy(ret->bytes, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
	return true;
}

static uint8_t prefix_of(const struct ip *mask)
{
	size_t i = 0;
	uint8_t n;

	while (i < ip_size(mask) && mask->bytes[i] == 0xff)
		i++;
	n = (uint8_t)(8 * i);
	for (uint8_t bits = i < ip_size(mask) ? mask->bytes[i] : 0; bits & 0x80;
	     bits = (uint8_t)(bits << 1))
		n++;
	return n;
}

int iface_find(const struct ifaddrs *all, const struct ip *guest, struct ip_net *ret_net,
	       char ret_name[static IF_NAMESIZE])
{
	for (; all; all = all->ifa_next) {
		struct ip_net net;
		struct ip mask;

		if (!to_ip(all->ifa_addr, &net.ip) || !to_ip(all->ifa_netmask, &mask) ||
		    (all->ifa_flags & IFF_LOOPBACK))
			continue;
		net.prefix = prefix_of(&mask);
		/* a lone address has no network in common with anybody */
		if (net.prefix == 8 * ip_size(&net.ip) || !ip_net_has(&net, guest))
			continue;
		if (text_copy(ret_name, IF_NAMESIZE, all->ifa_name) < 0)
			continue;
		net.ip = ip_net_first(&net);
		*ret_net = net;
		return 0;
	}
	return -ENOENT;
}

int iface_of(const struct ifaddrs *all, const struct ip *ip,
	     char ret_name[static IF_NAMESIZE])
{
	struct ip have;

	for (; all; all = all->ifa_next)
		if (to_ip(all->ifa_addr, &have) && ip_equal(&have, ip))
			return text_copy(ret_name, IF_NAMESIZE, all->ifa_name);
	return -ENOENT;
}

bool iface_has(const struct ifaddrs *all, const struct ip *ip)
{
	char name[IF_NAMESIZE];

	return iface_of(all, ip, name) == 0;
}
