// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-reserve-dhcp.c - which addresses a libvirt network gives, and which of them are free */

#include "ctl-reserve.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <expat.h>

/**
 * struct reading - One run of the parser
 * @subnet:  The <ip> that is open
 * @depth:   Of the elements; <ip> is one below <network>
 */
struct reading {
	struct dhcp dhcp;
	struct subnet subnet;
	unsigned int depth;
	int r;
};

static const char *attribute(const char *const *attrs, const char *name)
{
	for (; attrs[0]; attrs += 2)
		if (strcmp(attrs[0], name) == 0)
			return attrs[1];
	return "";
}

static int add(struct reservation **list, size_t *n, const char *mac, const struct ip *ip)
{
	struct reservation new = { .ip = *ip };
	void *more;

	if (*n == RESERVED_MAX)
		return -E2BIG;
	if (text_copy(new.mac, sizeof(new.mac), mac) < 0)
		return 0; /* no MAC, so nobody's that we know */
	for (char *p = new.mac; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	more = reallocarray(*list, *n + 1, sizeof(**list));
	if (!more)
		return -ENOMEM;
	*list = more;
	(*list)[(*n)++] = new;
	return 0;
}

static uint8_t bits_of(const char *netmask)
{
	struct ip mask;
	uint8_t n = 0;

	if (ip_parse(netmask, &mask) < 0 || mask.family != AF_INET)
		return 0;
	for (int i = 0; i < 32; i++)
		n = (uint8_t)(n + (mask.bytes[i / 8] >> (7 - i % 8) & 1));
	return n;
}

static void begin_ip(struct reading *x, const char *const *attrs)
{
	struct subnet s = { 0 };
	uint64_t prefix;

	x->subnet = s;
	if (ip_parse(attribute(attrs, "address"), &s.host) < 0 ||
	    s.host.family != AF_INET)
		return;
	s.net.ip = s.host;
	s.net.prefix = bits_of(attribute(attrs, "netmask"));
	if (text_number(attribute(attrs, "prefix"), 32, &prefix) == 0)
		s.net.prefix = (uint8_t)prefix;
	x->subnet = s;
}

static void on_start(void *data, const char *name, const char **attrs)
{
	struct reading *x = data;
	struct dhcp *d = &x->dhcp;
	struct ip ip;

	x->depth++;
	if (x->depth == 2 && strcmp(name, "bridge") == 0 &&
	    text_copy(d->bridge, sizeof(d->bridge), attribute(attrs, "name")) < 0)
		x->r = -EINVAL;
	if (x->depth == 2 && strcmp(name, "ip") == 0)
		begin_ip(x, attrs);
	if (x->depth == 3 && strcmp(name, "dhcp") == 0 && x->subnet.net.prefix > 0 &&
	    d->n_subnets < SUBNETS_MAX)
		d->subnet[d->n_subnets++] = x->subnet;
	if (x->depth == 4 && strcmp(name, "host") == 0 && x->r == 0 &&
	    ip_parse(attribute(attrs, "ip"), &ip) == 0)
		x->r = add(&d->reserved, &d->n_reserved, attribute(attrs, "mac"), &ip);
}

static void on_end(void *data, const char *name)
{
	struct reading *x = data;

	(void)name;
	x->depth--;
}

int dhcp_parse(const char *xml, struct dhcp *ret)
{
	struct reading x = { 0 };
	XML_Parser p = XML_ParserCreate(NULL);

	if (!p)
		return -ENOMEM;
	XML_SetUserData(p, &x);
	XML_SetElementHandler(p, on_start, on_end);
	if (XML_Parse(p, xml, (int)strlen(xml), 1) != XML_STATUS_OK)
		x.r = -EINVAL;
	XML_ParserFree(p);
	if (x.r < 0) {
		dhcp_free(&x.dhcp);
		return x.r;
	}
	*ret = x.dhcp;
	return 0;
}

void dhcp_lease(struct dhcp *d, const char *mac, const struct ip *ip)
{
	/* one that is not noted costs an address that somebody has: libvirt's, not ours */
	(void)!add(&d->leased, &d->n_leased, mac, ip);
}

const struct reservation *dhcp_reserved(const struct dhcp *d, const char *mac)
{
	for (size_t i = 0; i < d->n_reserved; i++)
		if (strcmp(d->reserved[i].mac, mac) == 0)
			return &d->reserved[i];
	return NULL;
}

static const struct reservation *of_other(const struct reservation *list, size_t n,
					  const struct ip *ip, const char *mac)
{
	for (size_t i = 0; i < n; i++)
		if (ip_equal(&list[i].ip, ip) && strcmp(list[i].mac, mac) != 0)
			return &list[i];
	return NULL;
}

static const struct subnet *subnet_of(const struct dhcp *d, const struct ip *ip)
{
	for (size_t i = 0; i < d->n_subnets; i++)
		if (ip->family == AF_INET && ip_net_has(&d->subnet[i].net, ip))
			return &d->subnet[i];
	return NULL;
}

bool dhcp_objection(const struct dhcp *d, const struct ip *ip, const char *mac,
		    char ret_why[static WHY_LEN])
{
	const struct subnet *s = subnet_of(d, ip);
	const struct reservation *r = of_other(d->reserved, d->n_reserved, ip, mac);
	struct ip first, last;

	if (!s) {
		why(ret_why, "it is in none of the network's IPv4 subnets with DHCP");
		return true;
	}
	first = ip_net_first(&s->net);
	last = ip_net_last(&s->net);
	if (ip_equal(ip, &s->host) || ip_equal(ip, &first) || ip_equal(ip, &last))
		why(ret_why, "it is the host's, or the first or the last of its subnet");
	else if (r)
		why(ret_why, "it is reserved for %s", r->mac[0] ? r->mac : "a name");
	else if ((r = of_other(d->leased, d->n_leased, ip, mac)))
		why(ret_why, "%s has it now", r->mac);
	else
		return false;
	return true;
}

static void add_one(struct ip *ip)
{
	for (int i = 3; i >= 0 && ++ip->bytes[i] == 0; i--)
		;
}

int dhcp_choose(const struct dhcp *d, const char *mac, struct ip *ret)
{
	char unused[WHY_LEN];

	for (size_t i = 0; i < d->n_subnets; i++) {
		struct ip ip = ip_net_first(&d->subnet[i].net);
		/* as many as can be taken, and the three that nobody is given */
		size_t most = d->n_reserved + d->n_leased + 4;

		for (size_t k = 0; k < most; k++, add_one(&ip)) {
			if (!ip_net_has(&d->subnet[i].net, &ip) ||
			    dhcp_objection(d, &ip, mac, unused))
				continue;
			*ret = ip;
			return 0;
		}
	}
	return -ENOSPC;
}

void dhcp_free(struct dhcp *d)
{
	free(d->reserved);
	free(d->leased);
	d->reserved = d->leased = NULL;
	d->n_reserved = d->n_leased = 0;
}
