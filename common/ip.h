/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ip.h - IPv4 and IPv6 addresses, networks, and the names of transport protocols */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stdint.h>

#define IP_LEN     46 /* INET6_ADDRSTRLEN */
#define IP_NET_LEN (IP_LEN + 4)

/**
 * struct ip - An address
 * @family:  AF_INET or AF_INET6; 0: none
 * @bytes:   Network order; 4 or 16 of them count, the others are 0
 */
struct ip {
	uint8_t family;
	uint8_t bytes[16];
};

/**
 * struct ip_net - A network
 * @ip:      Its first address; family 0: every address
 * @prefix:  Bits that count
 */
struct ip_net {
	struct ip ip;
	uint8_t prefix;
};

/**
 * ip_parse() - Read an address as inet_pton(3) does; an IPv4 address mapped into IPv6 is
 * refused
 *
 * Return:   0 or -EINVAL
 */
int ip_parse(const char *s, struct ip *ret) MUST_CHECK;

/**
 * ip_format() - Write an address; none is "*"
 */
void ip_format(const struct ip *ip, char ret[static IP_LEN]);

bool ip_equal(const struct ip *a, const struct ip *b);

/**
 * ip_size() - How many bytes count: 4 or 16
 */
size_t ip_size(const struct ip *ip);

/**
 * ip_is_loopback() - 127.0.0.0/8 or ::1
 */
bool ip_is_loopback(const struct ip *ip);

/**
 * ip_is_link_local() - 169.254.0.0/16 or fe80::/10
 */
bool ip_is_link_local(const struct ip *ip);

/**
 * ip_is_host() - Whether one host can have it: not unspecified, multicast or broadcast
 */
bool ip_is_host(const struct ip *ip);

/**
 * ip_net_parse() - Read ADDRESS or ADDRESS/PREFIX
 * @ret:     The network; bits after the prefix are as written
 *
 * Return:   0, -EINVAL no address, -ERANGE prefix
 */
int ip_net_parse(const char *s, struct ip_net *ret) MUST_CHECK;

/**
 * ip_net_format() - Write a network; every address is "*"
 */
void ip_net_format(const struct ip_net *net, char ret[static IP_NET_LEN]);

/**
 * ip_net_first() - Its lowest address
 */
struct ip ip_net_first(const struct ip_net *net);

/**
 * ip_net_last() - Its highest address
 */
struct ip ip_net_last(const struct ip_net *net);

/**
 * ip_net_has() - Whether an address is in a network; everything is in "every address"
 */
bool ip_net_has(const struct ip_net *net, const struct ip *ip);

/**
 * ip_net_overlap() - Whether two networks have an address in common
 */
bool ip_net_overlap(const struct ip_net *a, const struct ip_net *b);

/**
 * proto_number() - IANA number of "tcp", "udp" or "sctp"
 *
 * Return:   It, or -EINVAL
 */
int proto_number(const char *name) MUST_CHECK;

/**
 * proto_name() - The reverse; "?" for others
 */
const char *proto_name(uint8_t number);
