// SPDX-License-Identifier: GPL-2.0-or-later
/* iptables-value.c - the values in an iptables command: networks, ports, destinations */

#include "iptables-value.h"

#include "service.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define ITEM_LEN 96

typedef int take_item(void *into, const char *item, char ret_why[static WHY_LEN]);

static int each_item(const char *s, take_item *take, void *into,
		     char ret_why[static WHY_LEN])
{
	char item[ITEM_LEN];
	int r = 0;

	do {
		size_t len = strcspn(s, ",");

		if (text_format(item, sizeof(item), "%.*s", (int)len, s) < 0 ||
		    len == 0) {
			why(ret_why,
			    "'%.40s' is not a list; write one value after the other, with commas between",
			    s);
			return -EINVAL;
		}
		r = take(into, item, ret_why);
		s += len;
	} while (r == 0 && *s++);
	return r;
}

static const char *family_name(uint8_t family)
{
	return family == AF_INET6 ? "IPv6" : "IPv4";
}

static int check_family(const struct ip *ip, uint8_t family, const char *item,
			char ret_why[static WHY_LEN])
{
	if (!family || ip->family == family)
		return 0;
	why(ret_why, "'%s' is no %s address; %s is for %s", item, family_name(family),
	    family == AF_INET6 ? "ip6tables" : "iptables", family_name(family));
	return -EINVAL;
}

/* ---- networks ---- */

/**
 * struct nets_reader - One run of iptables_nets_read()
 */
struct nets_reader {
	uint8_t family;
	struct iptables_nets nets;
	bool any;
};

/* 255.255.255.0 is 24; -1: no mask that is a prefix */
static int prefix_of_mask(const struct ip *mask)
{
	int bits = 0;

	while (bits < 32 && mask->bytes[bits / 8] & (0x80 >> (bits % 8)))
		bits++;
	for (int i = bits; i < 32; i++)
		if (mask->bytes[i / 8] & (0x80 >> (i % 8)))
			return -1;
	return bits;
}

/* "ADDRESS/MASK" as iptables takes it too */
static int read_masked(const char *item, struct ip_net *ret)
{
	const char *slash = strchr(item, '/');
	char address[IP_LEN];
	struct ip mask;
	int prefix;

	if (!slash || ip_parse(slash + 1, &mask) < 0 || mask.family != AF_INET ||
	    text_format(address, sizeof(address), "%.*s", (int)(slash - item), item) <
		    0 ||
	    ip_parse(address, &ret->ip) < 0 || ret->ip.family != AF_INET)
		return -EINVAL;
	prefix = prefix_of_mask(&mask);
	if (prefix < 0)
		return -ERANGE;
	ret->prefix = (uint8_t)prefix;
	return 0;
}

static int take_net(void *into, const char *item, char ret_why[static WHY_LEN])
{
	struct nets_reader *x = into;
	struct ip_net net;
	int r = 0;

	if (strcasecmp(item, "any") == 0 || strcasecmp(item, "anywhere") == 0 ||
	    strcmp(item, "0/0") == 0) {
		x->any = true;
		return 0;
	}
	if (read_masked(item, &net) < 0)
		r = ip_net_parse(item, &net);
	if (r) {
		why(ret_why,
		    r == -ERANGE
			    ? "'%s' has a wrong prefix; write /0 to /32, for IPv6 /0 to /128"
			    : "'%s' is not an address; write it as numbers, such as 203.0.113.7 or 203.0.113.0/24",
		    item);
		return -EINVAL;
	}
	if (check_family(&net.ip, x->family, item, ret_why) < 0)
		return -EINVAL;
	/* iptables drops the bits after the prefix too */
	net.ip = ip_net_first(&net);
	x->any = x->any || net.prefix == 0;
	if (x->nets.n == IPTABLES_NETS_MAX) {
		why(ret_why, "more than %d addresses in one rule; split it",
		    IPTABLES_NETS_MAX);
		return -EINVAL;
	}
	x->nets.net[x->nets.n++] = net;
	return 0;
}

int iptables_nets_read(const char *s, uint8_t family, struct iptables_nets *ret,
		       char ret_why[static WHY_LEN])
{
	struct nets_reader x = { .family = family };
	int r = each_item(s, take_net, &x, ret_why);

	if (r < 0)
		return r;
	if (x.any)
		x.nets.n = 0;
	*ret = x.nets;
	return 0;
}

/* ---- ports ---- */

static int read_port(const char *s, uint16_t *ret, char ret_why[static WHY_LEN])
{
	uint64_t n = service_port(s);

	if (n == 0 && (text_number(s, UINT16_MAX, &n) < 0 || n == 0)) {
		why(ret_why, "'%s' is not a port; write a number from 1 to 65535", s);
		return -EINVAL;
	}
	*ret = (uint16_t)n;
	return 0;
}

/* "80", "8000:8010", "8000:", ":1023"; @sep is what stands between; cuts @s */
static int read_range(char *s, char sep, uint16_t *lo, uint16_t *hi,
		      char ret_why[static WHY_LEN])
{
	char *second = strchr(s, sep);
	int r = 0;

	if (!second) {
		r = read_port(s, lo, ret_why);
		*hi = r == 0 ? *lo : 0;
		return r;
	}
	*second++ = '\0';
	*lo = 1;
	*hi = UINT16_MAX;
	if (*s && strcmp(s, "0") != 0)
		r = read_port(s, lo, ret_why);
	if (r == 0 && *second)
		r = read_port(second, hi, ret_why);
	if (r == 0 && *lo > *hi) {
		why(ret_why, "the range %u%c%u runs backwards; write %u%c%u", *lo, sep,
		    *hi, *hi, sep, *lo);
		r = -EINVAL;
	}
	return r;
}

static int take_port(void *into, const char *item, char ret_why[static WHY_LEN])
{
	struct iptables_match *m = into;
	struct iptables_ports p;
	char copy[ITEM_LEN];

	if (m->n_port == IPTABLES_PORTS_MAX) {
		why(ret_why, "more than %d ports in one rule; split it",
		    IPTABLES_PORTS_MAX);
		return -EINVAL;
	}
	if (isdigit((unsigned char)*item) && strchr(item, '-')) {
		why(ret_why,
		    "'%s' is not a port; write a range with a colon, such as 8000:8010",
		    item);
		return -EINVAL;
	}
	if (text_copy(copy, sizeof(copy), item) < 0 ||
	    read_range(copy, ':', &p.lo, &p.hi, ret_why) < 0)
		return -EINVAL;
	m->port[m->n_port++] = p;
	return 0;
}

int iptables_ports_read(const char *s, struct iptables_match *m,
			char ret_why[static WHY_LEN])
{
	struct iptables_match read = { 0 };
	int r = each_item(s, take_port, &read, ret_why);

	if (r < 0)
		return r;
	memcpy(m->port, read.port, sizeof(m->port));
	m->n_port = read.n_port;
	return 0;
}

/* ---- the rest ---- */

int iptables_proto_read(const char *s, uint8_t *ret, char ret_why[static WHY_LEN])
{
	static const uint8_t known[] = { 6, 17, 132 };
	char lower[16] = "";
	uint64_t n;
	int proto;

	for (size_t i = 0; s[i] && i + 1 < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)s[i]);
	proto = proto_number(lower);
	if (strcmp(lower, "all") == 0 || strcmp(lower, "0") == 0)
		proto = 0;
	for (size_t i = 0; i < ARRAY_LEN(known) && text_number(s, UINT8_MAX, &n) == 0;
	     i++)
		if (n == known[i])
			proto = known[i];
	if (proto < 0) {
		why(ret_why,
		    "protocol '%.40s' cannot be forwarded; tcp, udp and sctp can", s);
		return -EINVAL;
	}
	*ret = (uint8_t)proto;
	return 0;
}

/* Ports of a destination: "22", "8000-8010", "8000-8010/9000"; cuts @s */
static int read_to_ports(char *s, struct iptables_to *to, char ret_why[static WHY_LEN])
{
	char *slash = strchr(s, '/');
	int r;

	if (slash)
		*slash++ = '\0';
	if (!*s || *s == '-') {
		why(ret_why, "no port behind the colon; write ADDRESS:PORT");
		return -EINVAL;
	}
	r = read_range(s, '-', &to->lo, &to->hi, ret_why);
	return r == 0 && slash ? read_port(slash, &to->base, ret_why) : r;
}

/* The address of "ADDRESS", "ADDRESS:PORTS", "[ADDRESS]:PORTS"; cuts @s; NULL: none */
static char *cut_address(char **s)
{
	char *end = **s == '[' ? strchr(*s, ']') : strchr(*s, ':');

	/* an IPv6 address without brackets */
	if (end && **s != '[' && strchr(end + 1, ':'))
		return NULL;
	/* what stands behind a bracket is a colon, or all of it is no address */
	if (!end || (*end == ']' && end[1] && end[1] != ':'))
		return NULL;
	*s += **s == '[';
	if (*end == ']')
		*end++ = '\0';
	if (!*end)
		return NULL;
	*end = '\0';
	return end + 1;
}

int iptables_to_read(const char *s, uint8_t family, struct iptables_to *ret,
		     char ret_why[static WHY_LEN])
{
	struct iptables_to to = { 0 };
	char copy[ITEM_LEN], *address = copy, *ports;

	if (text_copy(copy, sizeof(copy), s) < 0) {
		why(ret_why, "'%.40s...' is too long; write ADDRESS:PORT", s);
		return -EINVAL;
	}
	ports = cut_address(&address);
	if (*address && strchr(address, '-')) {
		why(ret_why, "'%s' is a range of addresses; a forward leads to one",
		    address);
		return -EINVAL;
	}
	if (*address && ip_parse(address, &to.ip) < 0) {
		why(ret_why,
		    "'%s' is not an address; write ADDRESS:PORT, such as 192.168.122.167:22 or [fd00::1]:22",
		    address);
		return -EINVAL;
	}
	if (*address && check_family(&to.ip, family, address, ret_why) < 0)
		return -EINVAL;
	if (*address && (!ip_is_host(&to.ip))) {
		why(ret_why, "'%s' is not the address of a VM", address);
		return -EINVAL;
	}
	if (ports && read_to_ports(ports, &to, ret_why) < 0)
		return -EINVAL;
	*ret = to;
	return 0;
}
