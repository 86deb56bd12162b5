// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-forward.c - values with ports and addresses in them, and what they say together */

#include "conf-schema.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define ITEM_LEN 96 /* "[" address "]:65535-65535/sctp" */
#define BETWEEN  ", \t"
#define MAC_FORM "xx:xx:xx:xx:xx:xx"

#define LISTEN_HELP \
	"write [ADDRESS:]PORT[-PORT][/tcp|/udp|/sctp], such as 8000-8010/udp or 203.0.113.7:443"

typedef int take_item(void *into, const char *item, char ret_why[static WHY_LEN]);

/* Items stand between commas, blanks or both. */
static int each_item(const char *value, take_item *take, void *into,
		     char ret_why[static WHY_LEN])
{
	char item[ITEM_LEN];
	size_t len;
	int r = 0;

	for (value += strspn(value, BETWEEN); *value && r == 0;
	     value += strspn(value, BETWEEN)) {
		len = strcspn(value, BETWEEN);
		if (len >= sizeof(item)) {
			why(ret_why,
			    "'%.40s...' is too long; write one item after the other, with commas between",
			    value);
			return -EINVAL;
		}
		memcpy(item, value, len);
		item[len] = '\0';
		value += len;
		r = take(into, item, ret_why);
	}
	return r;
}

static int take_address(void *into, const char *item, char ret_why[static WHY_LEN])
{
	struct conf_network *n = into;
	struct ip ip;

	if (ip_parse(item, &ip) || !ip_is_host(&ip) || ip_is_loopback(&ip)) {
		why(ret_why,
		    "'%s' is not the address of a VM; write one such as 192.168.122.167 or fd00::167, without a prefix",
		    item);
		return -EINVAL;
	}
	for (size_t i = 0; i < n->n_address; i++) {
		if (n->address[i].family != ip.family)
			continue;
		why(ret_why, "a second %s address; write at most one of each family",
		    ip.family == AF_INET ? "IPv4" : "IPv6");
		return -EINVAL;
	}
	n->address[n->n_address++] = ip;
	return 0;
}

int conf_set_addresses(void *conf, const struct conf_key *key, const char *value,
		       char ret_why[static WHY_LEN])
{
	struct conf_network *n = conf_field(conf, key);

	*n = (struct conf_network){ 0 };
	return each_item(value, take_address, n, ret_why);
}

static int read_port(const char *s, uint16_t *ret)
{
	uint64_t n;
	int r = text_number(s, UINT16_MAX, &n);

	if (r || n == 0)
		return -EINVAL;
	*ret = (uint16_t)n;
	return 0;
}

/* "80", "8000-8010"; cuts @s */
static int read_range(char *s, uint16_t *lo, uint16_t *hi, char ret_why[static WHY_LEN])
{
	char *dash = strchr(s, '-');

	if (dash)
		*dash++ = '\0';
	if (read_port(s, lo) || (dash && read_port(dash, hi))) {
		why(ret_why, "'%s' is not a port; write a number from 1 to 65535",
		    dash && !read_port(s, lo) ? dash : s);
		return -EINVAL;
	}
	if (!dash)
		*hi = *lo;
	if (*hi >= *lo)
		return 0;
	why(ret_why, "the range %u-%u runs backwards; write %u-%u", *lo, *hi, *hi, *lo);
	return -EINVAL;
}

/*
 * Split "ADDRESS:REST" or "[ADDRESS]:REST"; cuts @s. Without an address @ret_rest is @s.
 */
static int split_address(char *s, struct ip *ret, char **ret_rest,
			 char ret_why[static WHY_LEN])
{
	char *colon = *s == '[' ? strstr(s, "]:") : strrchr(s, ':');
	char *address = s + (*s == '[');

	*ret = (struct ip){ 0 };
	*ret_rest = s;
	if (!colon && *s != '[')
		return 0;
	if (colon) {
		*ret_rest = colon + 1 + (*s == '[');
		*colon = '\0';
	}
	if (colon && !ip_parse(address, ret) && (ret->family == AF_INET6) == (*s == '['))
		return 0;
	why(ret_why,
	    "'%s' is not an address; write ADDRESS:PORT, and an IPv6 address in brackets, such as [fd00::1]:80",
	    s);
	return -EINVAL;
}

static int check_listen_address(const struct ip *ip, char ret_why[static WHY_LEN])
{
	char text[IP_LEN];

	if (!ip->family)
		return 0;
	ip_format(ip, text);
	if (ip->family == AF_INET6 && ip_is_loopback(ip)) {
		why(ret_why,
		    "Linux cannot forward from ::1; write 127.0.0.1, with local = yes");
		return -EINVAL;
	}
	if (ip_is_host(ip))
		return 0;
	why(ret_why, "%s is no address that one host has; leave it out for every address",
	    text);
	return -EINVAL;
}

static int parse_listen(char *item, struct conf_listen *l, char ret_why[static WHY_LEN])
{
	char *slash = strchr(item, '/'), *ports;
	int proto = IPPROTO_TCP, r;

	if (slash) {
		*slash++ = '\0';
		proto = proto_number(slash);
		if (proto < 0) {
			why(ret_why, "'%s' is not a protocol; write /tcp, /udp or /sctp",
			    slash);
			return proto;
		}
	}
	l->proto = (uint8_t)proto;
	r = split_address(item, &l->ip, &ports, ret_why);
	if (r == 0)
		r = check_listen_address(&l->ip, ret_why);
	return r ?: read_range(ports, &l->lo, &l->hi, ret_why);
}

static int take_listen(void *into, const char *item, char ret_why[static WHY_LEN])
{
	struct conf_forward *f = into;
	struct conf_listen l = { 0 };
	char copy[ITEM_LEN], what[WHY_LEN];
	int r = text_copy(copy, sizeof(copy), item) ?: parse_listen(copy, &l, what);

	if (r) {
		why(ret_why, "%s; " LISTEN_HELP, what);
		return -EINVAL;
	}
	if (f->n_listen == CONF_LISTEN_MAX) {
		why(ret_why,
		    "write at most %d of them, and further ones in another [forward NAME]",
		    CONF_LISTEN_MAX);
		return -EINVAL;
	}
	f->listen[f->n_listen++] = l;
	return 0;
}

int conf_set_listen(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	struct conf_forward *f = conf_field(conf, key);

	f->n_listen = 0;
	return each_item(value, take_listen, f, ret_why);
}

int conf_set_to(void *conf, const struct conf_key *key, const char *value,
		char ret_why[static WHY_LEN])
{
	struct conf_forward *f = conf_field(conf, key);
	char copy[ITEM_LEN], *port = copy;
	int r;

	f->to = (struct ip){ 0 };
	f->port = 0;
	if (!*value)
		return 0;
	if (text_copy(copy, sizeof(copy), value) ||
	    split_address(copy, &f->to, &port, ret_why) || read_port(port, &f->port)) {
		why(ret_why,
		    "write [ADDRESS:]PORT, such as 22 or 192.168.122.167:22; of a range the first port");
		return -EINVAL;
	}
	r = !f->to.family || (ip_is_host(&f->to) && !ip_is_loopback(&f->to));
	if (r)
		return 0;
	why(ret_why, "'%s' is not the address of a VM; leave it out for the VM's own",
	    copy);
	return -EINVAL;
}

static int take_from(void *into, const char *item, char ret_why[static WHY_LEN])
{
	struct conf_forward *f = into;
	char text[IP_NET_LEN];
	struct ip_net net;
	struct ip first;
	int r = ip_net_parse(item, &net);

	if (r) {
		why(ret_why,
		    r == -ERANGE
			    ? "'%s' has a wrong prefix; write /0 to /32, for IPv6 /0 to /128"
			    : "'%s' is not an address; write ADDRESS or ADDRESS/PREFIX, such as 203.0.113.0/24",
		    item);
		return -EINVAL;
	}
	first = ip_net_first(&net);
	if (!ip_equal(&first, &net.ip)) {
		net.ip = first;
		ip_net_format(&net, text);
		why(ret_why, "'%s' has bits after its prefix; write %s", item, text);
		return -EINVAL;
	}
	for (size_t i = 0; i < f->n_from; i++) {
		if (!ip_net_overlap(&f->from[i], &net))
			continue;
		ip_net_format(&f->from[i], text);
		why(ret_why, "%s and %s overlap; write the larger one alone", text, item);
		return -EINVAL;
	}
	if (f->n_from == CONF_FROM_MAX) {
		why(ret_why, "write at most %d networks", CONF_FROM_MAX);
		return -EINVAL;
	}
	f->from[f->n_from++] = net;
	return 0;
}

int conf_set_from(void *conf, const struct conf_key *key, const char *value,
		  char ret_why[static WHY_LEN])
{
	struct conf_forward *f = conf_field(conf, key);

	f->n_from = 0;
	return each_item(value, take_from, f, ret_why);
}

static bool is_mac(const char *s)
{
	for (size_t i = 0; i < sizeof(MAC_FORM) - 1; i++)
		if (MAC_FORM[i] == ':' ? s[i] != ':' : !isxdigit((unsigned char)s[i]))
			return false;
	return s[sizeof(MAC_FORM) - 1] == '\0';
}

int conf_set_interface(void *conf, const struct conf_key *key, const char *value,
		       char ret_why[static WHY_LEN])
{
	char *field = conf_field(conf, key);

	if (*value && !is_mac(value) && (strchr(value, ':') || !text_is_name(value))) {
		why(ret_why,
		    "write a MAC address such as 52:54:00:12:34:56, or the name of a network");
		return -EINVAL;
	}
	if (text_copy(field, key->size, value))
		return -EINVAL;
	for (char *p = field; is_mac(value) && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return 0;
}

static int take_ports(void *into, const char *item, char ret_why[static WHY_LEN])
{
	struct conf_firewall *f = into;
	struct conf_ports p;
	char copy[ITEM_LEN];
	int r = text_copy(copy, sizeof(copy), item)
			?: read_range(copy, &p.lo, &p.hi, ret_why);

	if (r)
		return -EINVAL;
	if (f->n_allowed == CONF_PORTS_MAX) {
		why(ret_why, "write at most %d ranges", CONF_PORTS_MAX);
		return -EINVAL;
	}
	f->allowed[f->n_allowed++] = p;
	return 0;
}

int conf_set_ports(void *conf, const struct conf_key *key, const char *value,
		   char ret_why[static WHY_LEN])
{
	struct conf_firewall *f = conf_field(conf, key);

	f->n_allowed = 0;
	return each_item(value, take_ports, f, ret_why);
}
