// SPDX-License-Identifier: GPL-2.0-or-later
/* ip.c - IPv4 and IPv6 addresses, networks, and the names of transport protocols */

#include "ip.h"

#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int ip_parse(const char *s, struct ip *ret)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct ip ip = { .family = strchr(s, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(ip.family, s, ip.bytes) != 1)
		return -EINVAL;
	if (ip.family == AF_INET6 && memcmp(ip.bytes, mapped, sizeof(mapped)) == 0)
		return -EINVAL;
	*ret = ip;
	return 0;
}

void ip_format(const struct ip *ip, char ret[static IP_LEN])
{
	if (!ip->family || !inet_ntop(ip->family, ip->bytes, ret, IP_LEN))
		snprintf(ret, IP_LEN, "*");
}

size_t ip_size(const struct ip *ip)
{
	return ip->family == AF_INET6 ? 16 : 4;
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, ip_size(a)) == 0;
}

bool ip_is_loopback(const struct ip *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (ip->family == AF_INET)
		return ip->bytes[0] == 127;
	return ip->family == AF_INET6 && memcmp(ip->bytes, one, sizeof(one)) == 0;
}

bool ip_is_link_local(const struct ip *ip)
{
	if (ip->family == AF_INET)
		return ip->bytes[0] == 169 && ip->bytes[1] == 254;
	return ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

bool ip_is_host(const struct ip *ip)
{
	static const uint8_t zero[16];

	if (memcmp(ip->bytes, zero, ip_size(ip)) == 0)
		return false;
	return ip->family == AF_INET ? ip->bytes[0] > 0 && ip->bytes[0] < 224
				     : ip->bytes[0] != 0xff;
}

int ip_net_parse(const char *s, struct ip_net *ret)
{
	const char *slash = strchr(s, '/');
	struct ip_net net;
	char address[IP_LEN];
	uint64_t prefix;
	int n = slash ? (int)(slash - s) : (int)strlen(s);

	if (n >= IP_LEN || text_format(address, sizeof(address), "%.*s", n, s) < 0 ||
	    ip_parse(address, &net.ip) < 0)
		return -EINVAL;
	prefix = 8 * ip_size(&net.ip);
	if (slash && text_number(slash + 1, prefix, &prefix) < 0)
		return -ERANGE;
	net.prefix = (uint8_t)prefix;
	*ret = net;
	return 0;
}

void ip_net_format(const struct ip_net *net, char ret[static IP_NET_LEN])
{
	char address[IP_LEN];

	ip_format(&net->ip, address);
	if (!net->ip.family)
		snprintf(ret, IP_NET_LEN, "*");
	else
		snprintf(ret, IP_NET_LEN, "%s/%u", address, (unsigned int)net->prefix);
}

/* the bits after the prefix: all 0, or all 1 */
static struct ip fill_rest(const struct ip_net *net, bool ones)
{
	struct ip ip = net->ip;
	uint8_t mask = (uint8_t)(0xff >> net->prefix % 8);

	for (size_t i = net->prefix / 8; i < ip_size(&ip); i++, mask = 0xff)
		ip.bytes[i] = (uint8_t)(ones ? ip.bytes[i] | mask : ip.bytes[i] & ~mask);
	return ip;
}

struct ip ip_net_first(const struct ip_net *net)
{
	return fill_rest(net, false);
}

struct ip ip_net_last(const struct ip_net *net)
{
	return fill_rest(net, true);
}

bool ip_net_has(const struct ip_net *net, const struct ip *ip)
{
	size_t whole = net->prefix / 8, rest = net->prefix % 8;

	if (!net->ip.family)
		return true;
	if (net->ip.family != ip->family)
		return false;
	if (whole >= ip_size(ip))
		return ip_equal(&net->ip, ip);
	return memcmp(net->ip.bytes, ip->bytes, whole) == 0 &&
	       (net->ip.bytes[whole] ^ ip->bytes[whole]) >> (8 - rest) == 0;
}

/* of two networks one contains the other, or they have nothing in common */
bool ip_net_overlap(const struct ip_net *a, const struct ip_net *b)
{
	if (!a->ip.family || !b->ip.family)
		return true;
	return a->prefix < b->prefix ? ip_net_has(a, &b->ip) : ip_net_has(b, &a->ip);
}

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "sctp", IPPROTO_SCTP },
};

int proto_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		if (strcmp(protocols[i].name, name) == 0)
			return protocols[i].number;
	return -EINVAL;
}

const char *proto_name(uint8_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		if (protocols[i].number == number)
			return protocols[i].name;
	return "?";
}
