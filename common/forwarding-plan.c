// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding-plan.c - what a VM may have now: addresses found, collisions named */

#include "forwarding-parts.h"

#include "address.h"
#include "iface.h"
#include "listeners.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Where @f is written, for a sentence */
struct place {
	const char *vm, *section, *file;
};

static int check_guest(const struct forwarding *x, const struct forward *f,
		       const struct place *at, char ret_why[static WHY_LEN])
{
	char guest[IP_LEN];
	bool own = iface_has(x->ifaces, &f->guest);

	if (forward_waits(f) || (!own && !ip_is_link_local(&f->guest)))
		return 0;
	ip_format(&f->guest, guest);
	why(ret_why, "[forward %s] in %s would lead to %s, which is %s: %s", at->section,
	    at->file, guest,
	    own ? "the host itself" : "an address of one link, and the host has several",
	    "write the VM's own address into [network]");
	return -EPERM;
}

/* Whether one of a list has all these ports of the host, wherever they lead */
static bool has_ports(const struct forwards *list, const struct forward *f)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct forward *o = &list->list[i];

		if (o->proto == f->proto && o->lo <= f->lo && o->hi >= f->hi &&
		    o->guest.family == f->guest.family && o->local >= f->local &&
		    (!o->listen.family || ip_equal(&o->listen, &f->listen)))
			return true;
	}
	return false;
}

static int check_other(const struct forward *f, const struct forwards *other,
		       const struct place *at, char ret_why[static WHY_LEN])
{
	char ports[FORWARD_PORTS_LEN], theirs[FORWARD_PORTS_LEN];
	bool own = strcmp(other->vm, at->vm) == 0;

	for (size_t i = 0; i < other->n; i++) {
		const struct forward *o = &other->list[i];

		if (!forward_collides(f, o))
			continue;
		forward_ports(f, ports);
		forward_ports(o, theirs);
		if (own)
			why(ret_why,
			    "[forward %s] and [forward %s] of %s both want %s: give one of them another port",
			    o->name, at->section, at->file, ports);
		else
			why(ret_why,
			    "%s is %s's ([forward %s] there, %s): choose another port for [forward %s] in %s",
			    ports, other->vm, o->name, theirs, at->section, at->file);
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
	int r;

	/* a program of the host that came later does not take the port from the VM */
	if (has_ports(old, f))
		return 0;
	r = listeners_find(x->listeners, x->h->root, f, listener);
	if (r <= 0)
		return r;
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
	int r = check_guest(x, f, at, ret_why)
			?: check_allowed(&x->conf.firewall, f, at, ret_why);

	if (r == 0)
		r = check_other(f, own, at, ret_why);
	for (size_t i = 0; i < x->books.n && r == 0; i++) {
		const struct book *b = &x->books.book[i];

		if (strcmp(b->forwards.vm, at->vm) != 0)
			r = check_other(f, &b->forwards, at, ret_why)
				    ?: check_other(f, &b->next, at, ret_why);
	}
	return r == 0 ? check_host(x, f, old, at, ret_why) : r;
}

static bool has_mac(const struct book *b, const char *mac)
{
	for (size_t i = 0; i < b->n_nics; i++)
		if (mac[0] && strcmp(b->nics[i].mac, mac) == 0)
			return true;
	return false;
}

static bool leads_to(const struct forwards *list, const struct ip *guest)
{
	for (size_t i = 0; i < list->n; i++)
		if (ip_equal(&list->list[i].guest, guest))
			return true;
	return false;
}

/*
 * A lease belongs to a MAC, and whoever writes the XML of a VM may write another VM's MAC
 * there: his forwards would lead to that VM. Who has the address keeps it.
 */
static const struct book *find_double(const struct forwarding *x, const struct book *b,
				      const struct ip *guest)
{
	for (size_t i = 0; i < x->books.n; i++) {
		const struct book *other = &x->books.book[i];

		if (strcmp(other->forwards.vm, b->forwards.vm) == 0 ||
		    leads_to(&b->forwards, guest))
			continue;
		for (size_t k = 0; k < b->n_nics; k++)
			if (has_mac(other, b->nics[k].mac))
				return other;
	}
	return NULL;
}

static size_t look_up(const struct forwarding *x, const struct conf_forward *f,
		      const struct book *b, struct ip ret[static 2])
{
	size_t n = address_find(x->h->root, b->nics, b->n_nics, f->interface,
				b->forwards.vm, ret);
	const struct book *other = n ? find_double(x, b, &ret[0]) : NULL;
	char sentence[WHY_LEN];

	if (!other)
		return n;
	why(sentence,
	    "%s has a MAC that %s has too: no address is looked up for it; give it a MAC of its own, or write address = into [network]",
	    b->forwards.vm, other->forwards.vm);
	x->rep->say(LOG_LEVEL_ERR, sentence);
	return 0;
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
	return look_up(x, f, b, ret);
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

bool forwarding_find_network(const struct forwarding *x, struct forward *f)
{
	char name[IF_NAMESIZE] = "";
	struct ip_net net;

	if (iface_find(x->ifaces, &f->guest, &net, name) < 0 ||
	    (strcmp(f->bridge, name) == 0 && ip_equal(&f->net.ip, &net.ip) &&
	     f->net.prefix == net.prefix))
		return false;
	f->net = net;
	memcpy(f->bridge, name, sizeof(f->bridge));
	return true;
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
			forwarding_find_network(x, &ret->list[i]);
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
	struct listeners listeners = { 0 };
	struct forwarding with = *x;
	int r = 0;

	with.listeners = &listeners;
	forwards_name(&plan, b->forwards.vm, b->uuid);
	for (size_t i = 0; i < c->n_forwards && r == 0; i++) {
		const struct conf_forward *f = &c->forwards[i];

		r = plan_section(&with, c, f, b, &plan, ret_why);
		if (r == -EPERM && !strict)
			x->rep->say(LOG_LEVEL_ERR, ret_why);
		if (r == -EPERM && !(strict && f->required))
			r = 0;
	}
	listeners_free(&listeners);
	if (r < 0)
		forwards_free(&plan);
	else
		*ret = plan;
	return r;
}
