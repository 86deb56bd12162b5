// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding-plan.c - what a VM may have now: addresses found, collisions named */

#include "forwarding-parts.h"

#include "address.h"
#include "iface.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Where @f is written, for a sentence */
struct place {
	const char *vm, *section, *file;
};

static bool has_section(const struct forwards *f, const char *name, uint16_t lo)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->list[i].name, name) == 0 && f->list[i].lo == lo)
			return true;
	return false;
}

/*
 * One address may be that of two VMs only by mistake or by `to`. The kernel takes two
 * ranges of its ports when they are the same or have nothing in common.
 */
static bool meets_behind(const struct forward *a, const struct forward *b)
{
	unsigned int a_end = a->to + (a->hi - a->lo), b_end = b->to + (b->hi - b->lo);

	return !forward_waits(a) && ip_equal(&a->guest, &b->guest) &&
	       a->proto == b->proto && a->to <= b_end && b->to <= a_end &&
	       (a->to != b->to || a_end != b_end) && (a->lo != a->hi || b->lo != b->hi);
}

static int check_other(const struct forward *f, const struct forwards *other,
		       const struct place *at, char ret_why[static WHY_LEN])
{
	char ports[FORWARD_PORTS_LEN], theirs[FORWARD_PORTS_LEN];
	bool own = strcmp(other->vm, at->vm) == 0;

	for (size_t i = 0; i < other->n; i++) {
		const struct forward *o = &other->list[i];

		if (!forward_collides(f, o) && (own || !meets_behind(f, o)))
			continue;
		forward_ports(f, ports);
		forward_ports(o, theirs);
		if (own)
			why(ret_why,
			    "[forward %s] and [forward %s] of %s both want %s: give one of them another port",
			    o->name, at->section, at->file, ports);
		else if (forward_collides(f, o))
			why(ret_why,
			    "%s is %s's ([forward %s] there, %s): choose another port for [forward %s] in %s",
			    ports, other->vm, o->name, theirs, at->section, at->file);
		else
			why(ret_why,
			    "%s leads to the same guest address as %s of %s, but to other ports of it: is the address right in %s?",
			    ports, theirs, other->vm, at->file);
		return -EPERM;
	}
	return 0;
}

static int check_allowed(const struct conf_firewall *c, const struct forward *f,
			 const struct place *at, char ret_why[static WHY_LEN])
{
	char ports[FORWARD_PORTS_LEN];

	for (size_t i = 0; i < c->n_allowed; i++)
		if (f->lo >= c->allowed[i].lo && f->hi <= c->allowed[i].hi)
			return 0;
	if (c->n_allowed == 0)
		return 0;
	forward_ports(f, ports);
	why(ret_why,
	    "%s is not within allowed-ports of host.ini: choose another port for [forward %s] in %s",
	    ports, at->section, at->file);
	return -EPERM;
}

static int check_host(const struct forwarding *x, const struct forward *f,
		      const struct forwards *old, const struct place *at,
		      char ret_why[static WHY_LEN])
{
	char ports[FORWARD_PORTS_LEN], listener[FORWARD_PORTS_LEN];

	/* a program of the host that came later does not take the port from the VM */
	if (has_section(old, f->name, f->lo) ||
	    !forward_listener(x->h->root, f, listener))
		return 0;
	forward_ports(f, ports);
	why(ret_why,
	    "%s is in use by the host itself (%s): choose another port for [forward %s] in %s, or stop that program",
	    ports, listener, at->section, at->file);
	return -EPERM;
}

static int check_one(const struct forwarding *x, const struct forward *f,
		     const struct forwards *own, const struct forwards *old,
		     const struct place *at, char ret_why[static WHY_LEN])
{
	int r = check_allowed(&x->conf.firewall, f, at, ret_why);

	if (r == 0)
		r = check_other(f, own, at, ret_why);
	for (size_t i = 0; i < x->books.n && r == 0; i++)
		if (strcmp(x->books.book[i].forwards.vm, at->vm) != 0)
			r = check_other(f, &x->books.book[i].forwards, at, ret_why);
	return r == 0 ? check_host(x, f, old, at, ret_why) : r;
}

/* Addresses for one section: `to`, then [network], then reservation or lease */
static size_t find_addresses(const struct forwarding *x, const struct conf_vm *c,
			     const struct conf_forward *f, const struct book *b,
			     struct ip ret[static 2])
{
	if (f->to.family) {
		ret[0] = f->to;
		return 1;
	}
	memcpy(ret, c->network.address, sizeof(c->network.address));
	if (c->network.n_address)
		return c->network.n_address;
	return address_find(x->h->root, b->nics, b->n_nics, f->interface, b->forwards.vm,
			    ret);
}

/* Before the VM has an address, the ports are kept for it: see forward_waits(). */
static size_t no_address(const struct conf_forward *f, struct ip ret[static 2])
{
	size_t n = 0;

	ret[n++] = (struct ip){ .family = AF_INET };
	for (size_t i = 0; i < f->n_listen && n < 2; i++)
		if (f->listen[i].ip.family == AF_INET6)
			ret[n++] = (struct ip){ .family = AF_INET6 };
	return n;
}

static void find_network(const struct forwarding *x, struct forward *f)
{
	if (iface_find(x->ifaces, &f->guest, &f->net, f->bridge) == 0)
		return;
	f->net = (struct ip_net){ 0 };
	f->bridge[0] = '\0';
}

/* What one section becomes */
static int expand(const struct forwarding *x, const struct conf_vm *c,
		  const struct conf_forward *f, const struct book *b,
		  struct forwards *ret)
{
	struct ip ip[2];
	size_t n = find_addresses(x, c, f, b, ip) ?: no_address(f, ip);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = forwards_add_conf(ret, f, &ip[i]);
	for (size_t i = 0; i < ret->n; i++)
		if (!forward_waits(&ret->list[i]))
			find_network(x, &ret->list[i]);
	return r;
}

static int plan_section(const struct forwarding *x, const struct conf_vm *c,
			const struct conf_forward *f, const struct book *b,
			struct forwards *ret, char ret_why[static WHY_LEN])
{
	const struct place at = { b->forwards.vm, f->name, c->shown };
	struct forwards one = { 0 };
	int r = expand(x, c, f, b, &one);

	for (size_t i = 0; i < one.n && r == 0; i++)
		r = check_one(x, &one.list[i], ret, &b->forwards, &at, ret_why);
	for (size_t i = 0; i < one.n && r == 0; i++)
		r = forwards_add(ret, &one.list[i]);
	forwards_free(&one);
	return r;
}

int forwarding_plan(const struct forwarding *x, const struct conf_vm *c,
		    const struct book *b, bool strict, struct forwards *ret,
		    char ret_why[static WHY_LEN])
{
	struct forwards plan = { 0 };
	int r = 0;

	forwards_name(&plan, b->forwards.vm, b->uuid);
	for (size_t i = 0; i < c->n_forwards && r == 0; i++) {
		const struct conf_forward *f = &c->forwards[i];

		r = plan_section(x, c, f, b, &plan, ret_why);
		if (r == -EPERM && !strict)
			x->rep->say(LOG_LEVEL_ERR, ret_why);
		if (r == -EPERM && !(strict && f->required))
			r = 0;
	}
	if (r < 0)
		forwards_free(&plan);
	else
		*ret = plan;
	return r;
}
