// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-forward-check.c - what the keys of one [forward NAME] say together */

#include "conf-schema.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * Ranges that become other ports are an entry a port and sender, in a set that grows more
 * slowly the larger it is: 10,000 took 0.34 s, 60,000 8 s.
 */
#define SHIFTED_MAX 4096u

static const struct ip localhost = { AF_INET, { 127, 0, 0, 1 } };

/* Every address is 127.0.0.1 too, with local = yes; the others of 127.0.0.0/8 are not. */
static bool same_address(const struct ip *a, const struct ip *b)
{
	if (a->family && b->family)
		return ip_equal(a, b);
	if (b->family)
		a = b;
	return !ip_is_loopback(a) || ip_equal(a, &localhost);
}

static bool ports_meet(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->proto == b->proto && a->lo <= b->hi && b->lo <= a->hi;
}

static bool same_ports(const struct conf_listen *a, const struct conf_listen *b)
{
	return ports_meet(a, b) && same_address(&a->ip, &b->ip);
}

/* By one port of one address, programs of the host would come to two of the VM */
static bool leads_apart(const struct conf_forward *f, const struct conf_listen *a,
			const struct conf_listen *b)
{
	const struct ip *x = ip_is_loopback(&a->ip) ? &a->ip : &localhost;
	const struct ip *y = ip_is_loopback(&b->ip) ? &b->ip : &localhost;

	return f->local && f->port && a->lo != b->lo && a->ip.family != AF_INET6 &&
	       b->ip.family != AF_INET6 && ports_meet(a, b) && ip_equal(x, y);
}

static int check_item(const struct conf_forward *f, const struct conf_listen *l,
		      char ret_why[static WHY_LEN])
{
	unsigned int n = l->hi - l->lo + 1u;

	if (f->port && f->port + n - 1 > UINT16_MAX)
		why(ret_why,
		    "%u ports from %u on end above 65535; write a lower port in 'to'", n,
		    f->port);
	else if (l->ip.family && f->to.family && l->ip.family != f->to.family)
		why(ret_why,
		    "'listen' and 'to' have addresses of two families; write both as IPv4 or both as IPv6");
	else if (ip_is_loopback(&l->ip) && !f->local)
		why(ret_why,
		    "127.0.0.1 is for programs of the host alone; write local = yes too");
	else if (ip_is_loopback(&l->ip) && f->n_from)
		why(ret_why,
		    "'from' is about other hosts, and 127.0.0.1 is for programs of the host alone; write two sections");
	else if (f->n_from && f->port && f->port != l->lo && n * f->n_from > SHIFTED_MAX)
		why(ret_why,
		    "%u ports that become others, for %zu senders, are %zu entries, and the kernel is slow with more than %u; write the same ports in 'to', or fewer",
		    n, f->n_from, n * f->n_from, SHIFTED_MAX);
	else
		return 0;
	return -EINVAL;
}

/* Two items of one section would be the same port for the same clients. */
static int check_items(const struct conf_forward *f, char ret_why[static WHY_LEN])
{
	for (size_t i = 0; i < f->n_listen; i++) {
		const struct conf_listen *l = &f->listen[i];
		int r = check_item(f, l, ret_why);

		if (r)
			return r;
		for (size_t k = 0; k < i; k++) {
			const struct conf_listen *o = &f->listen[k];
			unsigned int port = l->lo > o->lo ? l->lo : o->lo;

			if (same_ports(o, l))
				why(ret_why, "'listen' has port %u/%s twice; remove one",
				    port, proto_name(l->proto));
			else if (leads_apart(f, o, l))
				why(ret_why,
				    "with local = yes, port %u/%s of 127.0.0.1 would lead to two ports of the VM; write two sections, one of them without local",
				    port, proto_name(l->proto));
			else
				continue;
			return -EINVAL;
		}
	}
	return 0;
}

static int check_forward(const struct conf_forward *f, char ret_why[static WHY_LEN])
{
	if (f->n_listen)
		return check_items(f, ret_why);
	why(ret_why, "no port to listen on; add a line such as listen = 8022/tcp");
	return -EINVAL;
}

int conf_forwards_check(const struct conf_vm *c, char ret_why[static WHY_LEN])
{
	char what[WHY_LEN];
	size_t items = 0;

	for (size_t i = 0; i < c->n_forwards; i++) {
		const struct conf_forward *f = &c->forwards[i];
		int r = check_forward(f, what);

		items += f->n_listen * (f->n_from ? f->n_from : 1);
		if (r == 0 && items > FORWARD_ITEMS_MAX) {
			why(what,
			    "with this section more than %d ports and senders are forwarded; write ranges in 'listen', or larger networks in 'from'",
			    FORWARD_ITEMS_MAX);
			r = -EINVAL;
		}
		if (r) {
			why(ret_why, "%s:%u: [forward %s]: %s", c->shown, f->line,
			    f->name, what);
			return r;
		}
	}
	return 0;
}
