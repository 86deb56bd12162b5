// SPDX-License-Identifier: GPL-2.0-or-later
/* forward.c - forwards with all addresses known, as lists of VMs, and what collides */

#include "forward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

void forwards_name(struct forwards *f, const char *vm, const char *uuid)
{
	if (vm != f->vm)
		snprintf(f->vm, sizeof(f->vm), "%s", vm);
	/*
	 * the comment of an element must be one that nft can print and read again; a name
	 * that looks like a UUID may be another VM's
	 */
	if (!*vm || vm[strspn(vm, PLAIN)] || text_is_uuid(vm) ||
	    text_copy(f->tag, sizeof(f->tag), vm))
		snprintf(f->tag, sizeof(f->tag), "%s", uuid);
}

int forwards_add(struct forwards *f, const struct forward *one)
{
	/* grows by doubling: a power of two is full */
	if (!(f->n & (f->n - 1))) {
		size_t room = f->n ? 2 * f->n : 1;
		struct forward *more = reallocarray(f->list, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		f->list = more;
	}
	f->list[f->n++] = *one;
	return 0;
}

static int add_listen(struct forwards *f, const struct conf_forward *c,
		      const struct conf_listen *l, const struct ip *guest)
{
	struct forward one = {
		.proto = l->proto,
		.lo = l->lo,
		.hi = l->hi,
		.to = c->port ? c->port : l->lo,
		.local = guest->family == AF_INET && c->local,
		.listen = l->ip,
		.guest = *guest,
	};
	int r = text_copy(one.name, sizeof(one.name), c->name);

	if (r < 0 || (l->ip.family && l->ip.family != guest->family))
		return r;
	if (c->n_from == 0)
		return forwards_add(f, &one);
	for (size_t i = 0; i < c->n_from && r == 0; i++) {
		one.from = c->from[i];
		if (one.from.ip.family == guest->family)
			r = forwards_add(f, &one);
	}
	return r;
}

int forwards_add_conf(struct forwards *f, const struct conf_forward *c,
		      const struct ip *guest)
{
	int r = 0;

	for (size_t i = 0; i < c->n_listen && r == 0; i++)
		r = add_listen(f, c, &c->listen[i], guest);
	return r;
}

int forwards_copy(const struct forwards *f, struct forwards *ret)
{
	struct forwards copy = *f;
	int r = 0;

	copy.list = NULL;
	copy.n = 0;
	for (size_t i = 0; i < f->n && r == 0; i++)
		r = forwards_add(&copy, &f->list[i]);
	if (r < 0)
		forwards_free(&copy);
	else
		*ret = copy;
	return r;
}

void forwards_free(struct forwards *f)
{
	free(f->list);
	f->list = NULL;
	f->n = 0;
}

static bool forward_equal(const struct forward *a, const struct forward *b)
{
	return strcmp(a->name, b->name) == 0 && a->proto == b->proto && a->lo == b->lo &&
	       a->hi == b->hi && a->to == b->to && a->local == b->local &&
	       ip_equal(&a->listen, &b->listen) && ip_equal(&a->guest, &b->guest) &&
	       ip_equal(&a->from.ip, &b->from.ip) && a->from.prefix == b->from.prefix &&
	       ip_equal(&a->net.ip, &b->net.ip) && a->net.prefix == b->net.prefix &&
	       strcmp(a->bridge, b->bridge) == 0;
}

bool forwards_equal(const struct forwards *a, const struct forwards *b)
{
	bool same = a->n == b->n && strcmp(a->tag, b->tag) == 0;

	for (size_t i = 0; same && i < a->n; i++)
		same = forward_equal(&a->list[i], &b->list[i]);
	return same;
}

static bool is_zero(const struct ip *ip)
{
	static const uint8_t zero[16];

	return memcmp(ip->bytes, zero, sizeof(zero)) == 0;
}

bool forward_waits(const struct forward *f)
{
	return is_zero(&f->guest);
}

void forward_set_waiting(struct forward *f)
{
	f->guest = (struct ip){ .family = f->guest.family };
	f->net = (struct ip_net){ 0 };
	f->bridge[0] = '\0';
}

bool forwards_any(const struct forwards *f)
{
	for (size_t i = 0; f && i < f->n; i++)
		if (!forward_waits(&f->list[i]))
			return true;
	return false;
}

const struct ip *forward_localhost(const struct forward *f)
{
	static const struct ip localhost = { AF_INET, { 127, 0, 0, 1 } };

	if (!f->local)
		return NULL;
	return ip_is_loopback(&f->listen) ? &f->listen : &localhost;
}

bool forward_same_localhost(const struct forward *a, const struct forward *b)
{
	const struct ip *x = forward_localhost(a), *y = forward_localhost(b);

	return x && y && ip_equal(x, y);
}

bool forward_has_address(const struct forward *f, const struct ip *ip)
{
	const struct ip *local = forward_localhost(f);

	if (ip_is_loopback(ip))
		return local && ip_equal(local, ip);
	return !f->listen.family || ip_equal(&f->listen, ip);
}

static bool addresses_meet(const struct forward *a, const struct forward *b)
{
	if (!a->listen.family)
		return !ip_is_loopback(&b->listen);
	return !ip_is_loopback(&a->listen) &&
	       (!b->listen.family || ip_equal(&a->listen, &b->listen));
}

bool forward_collides(const struct forward *a, const struct forward *b)
{
	return a->guest.family == b->guest.family && a->proto == b->proto &&
	       a->lo <= b->hi && b->lo <= a->hi &&
	       (forward_same_localhost(a, b) ||
		(addresses_meet(a, b) && ip_net_overlap(&a->from, &b->from)));
}

static bool from_covers(const struct ip_net *a, const struct ip_net *b)
{
	return !a->ip.family ||
	       (b->ip.family && a->prefix <= b->prefix && ip_net_has(a, &b->ip));
}

bool forwards_share_guest(const struct forwards *a, const struct forwards *b)
{
	const struct ip *last = NULL;

	for (size_t i = 0; a && b && i < a->n; i++) {
		const struct ip *guest = &a->list[i].guest;

		if (last && ip_equal(last, guest))
			continue;
		last = guest;
		for (size_t k = 0; k < b->n; k++)
			if (ip_equal(&b->list[k].guest, guest))
				return true;
	}
	return false;
}

bool forward_covers(const struct forward *f, const struct forward *other)
{
	return f->proto == other->proto && f->lo <= other->lo && f->hi >= other->hi &&
	       f->to - f->lo == other->to - other->lo &&
	       ip_equal(&f->guest, &other->guest) && (f->local || !other->local) &&
	       (other->listen.family ? forward_has_address(f, &other->listen)
				     : !f->listen.family) &&
	       from_covers(&f->from, &other->from);
}

void forward_ports(const struct forward *f, char ret[static FORWARD_PORTS_LEN])
{
	char ip[IP_LEN], at[IP_LEN + 4] = "", range[16];

	ip_format(&f->listen, ip);
	if (f->listen.family)
		snprintf(at, sizeof(at),
			 f->listen.family == AF_INET6 ? "[%s]:" : "%s:", ip);
	snprintf(range, sizeof(range), f->hi > f->lo ? "%u-%u" : "%u",
		 (unsigned int)f->lo, (unsigned int)f->hi);
	snprintf(ret, FORWARD_PORTS_LEN, "%s%s/%s", at, range, proto_name(f->proto));
}
