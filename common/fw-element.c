// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-element.c - which elements of which sets the forwards of a VM are */

#include "fw-parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* ---- keys: fields of 4 or 16 bytes, one after the other ---- */

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + (len + 3) / 4 * 4;
}

static uint8_t *put_ip(uint8_t *at, const struct ip *ip)
{
	return put_bytes(at, ip->bytes, ip_size(ip));
}

static uint8_t *put_port(uint8_t *at, unsigned int port)
{
	uint16_t n = htons((uint16_t)port);

	return put_bytes(at, &n, sizeof(n));
}

static uint8_t *put_proto(uint8_t *at, uint8_t proto)
{
	return put_bytes(at, &proto, sizeof(proto));
}

/* A set of the family that the guest's address is of */
static uint8_t set_of(enum fw_set set, const struct forward *f)
{
	return (uint8_t)(set + (f->guest.family == AF_INET6 ? FW_PER_FAMILY : 0));
}

static int add_any(struct fw_elements *list, const struct forward *f, unsigned int i)
{
	struct fw_element e = { .set = set_of(FW_ANY, f) };

	put_port(put_proto(e.key, f->proto), f->lo + i);
	put_port(put_ip(e.data, &f->guest), f->to + i);
	memcpy(e.end, e.key, sizeof(e.end));
	return fw_elements_add(list, &e);
}

static int add_address(struct fw_elements *list, const struct forward *f,
		       const struct ip *listen, unsigned int i)
{
	struct fw_element e = { .set = set_of(FW_ADDR, f) };

	put_port(put_proto(put_ip(e.key, listen), f->proto), f->lo + i);
	put_port(put_ip(e.data, &f->guest), f->to + i);
	memcpy(e.end, e.key, sizeof(e.end));
	return fw_elements_add(list, &e);
}

/* Ports with source and listening address; @n of them lead to the same ports, or it is
 * one. */
static int add_general(struct fw_elements *list, const struct forward *f, enum fw_set set,
		       unsigned int i, unsigned int n)
{
	struct fw_element e = { .set = set_of(set, f) };
	const struct ip_net every = { .ip = { .family = f->guest.family } };
	const struct ip_net one = { .ip = f->listen, .prefix = 128 };
	const struct ip_net *from = f->from.ip.family ? &f->from : &every;
	const struct ip_net *listen = f->listen.family ? &one : &every;
	struct ip first = ip_net_first(from), last = ip_net_last(from);
	struct ip low = ip_net_first(listen), high = ip_net_last(listen);
	uint8_t *data;

	put_ip(put_ip(put_port(put_proto(e.key, f->proto), f->lo + i), &first), &low);
	put_ip(put_ip(put_port(put_proto(e.end, f->proto), f->lo + i + n - 1), &last),
	       &high);
	data = put_ip(e.data, &f->guest);
	if (set == FW_ONE)
		put_port(data, f->to + i);
	return fw_elements_add(list, &e);
}

static int add_hair(struct fw_elements *list, const struct forward *f)
{
	struct fw_element e = { .set = set_of(FW_HAIR, f) };
	struct ip first = ip_net_first(&f->net), last = ip_net_last(&f->net);

	if (!f->net.ip.family)
		return 0;
	put_ip(put_ip(e.key, &first), &f->guest);
	put_ip(put_ip(e.end, &last), &f->guest);
	return fw_elements_add(list, &e);
}

static int add_bridge(struct fw_elements *list, const struct forward *f, uint8_t set)
{
	struct fw_element e = { .set = set };

	if (!f->bridge[0])
		return 0;
	memcpy(e.key, f->bridge, strlen(f->bridge));
	memcpy(e.end, e.key, sizeof(e.end));
	return fw_elements_add(list, &e);
}

static bool same_network(const struct forward *a, const struct forward *b)
{
	return ip_equal(&a->guest, &b->guest) && a->local == b->local &&
	       memcmp(&a->net, &b->net, sizeof(a->net)) == 0 &&
	       strcmp(a->bridge, b->bridge) == 0;
}

/*
 * What a forward needs besides its ports, once for many: the forwards of a VM mostly lead
 * to one guest, and follow each other in its list.
 */
static int add_network(struct fw_elements *list, const struct forwards *all, size_t at)
{
	const struct forward *f = &all->list[at];

	if (forward_waits(f) || (at > 0 && same_network(&all->list[at - 1], f)))
		return 0;
	return add_hair(list, f) ?: (f->local ? add_bridge(list, f, FW_GUARD) : 0)
				 ?: add_bridge(list, f, FW_INSIDE);
}

/* One port: maps without ranges do not get slower when they grow. */
static int add_port(struct fw_elements *list, const struct forward *f, unsigned int i)
{
	if (f->from.ip.family)
		return add_general(list, f, FW_ONE, i, 1);
	return f->listen.family ? add_address(list, f, &f->listen, i)
				: add_any(list, f, i);
}

static int add_local(struct fw_elements *list, const struct forward *f, unsigned int i)
{
	const struct ip *localhost = forward_localhost(f);

	return localhost ? add_address(list, f, localhost, i) : 0;
}

static int add_forward(struct fw_elements *list, const struct forward *f)
{
	unsigned int n = f->hi - f->lo + 1u;
	bool loopback = ip_is_loopback(&f->listen);
	/* nftables has no offset: a range that leads to other ports is single ports */
	bool whole = n > 1 && f->to == f->lo && !loopback;
	int r = 0;

	if (forward_waits(f))
		return 0;
	if (whole)
		r = add_general(list, f, FW_MANY, 0, n);
	for (unsigned int i = 0; i < n && r == 0; i++) {
		if (!whole && !loopback)
			r = add_port(list, f, i);
		if (r == 0)
			r = add_local(list, f, i);
	}
	return r;
}

int fw_elements_of(const struct forwards *f, struct fw_elements *ret)
{
	struct fw_elements list = { 0 };
	size_t n = f ? f->n : 0;
	int r = 0;

	/* the order of sets: a list of ports in order is sorted already */
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_forward(&list, &f->list[i]);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_network(&list, f, i);
	if (r < 0) {
		fw_elements_free(&list);
		return r;
	}
	fw_elements_sort(&list);
	*ret = list;
	return 0;
}

static bool has_shareable(const struct fw_elements *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->list[i].set >= FW_GUARD ||
		    list->list[i].set % FW_PER_FAMILY == FW_HAIR)
			return true;
	return false;
}

int fw_elements_shared(struct fw_elements *list, const struct forwards *others, size_t n)
{
	struct fw_elements theirs = { 0 };
	int r = 0;

	if (!has_shareable(list))
		return 0;
	for (size_t i = 0; i < n && r == 0; i++)
		for (size_t k = 0; k < others[i].n && r == 0; k++)
			r = add_network(&theirs, &others[i], k);
	fw_elements_sort(&theirs);
	if (r == 0)
		fw_elements_part(list, &theirs);
	fw_elements_free(&theirs);
	return r;
}
