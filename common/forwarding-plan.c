// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding-plan.c - what a VM may have now, and what is in the way of the rest */

#include "forwarding-parts.h"

#include "forward-index.h"
#include "iface.h"
#include "listeners.h"

#include <errno.h>
#include <string.h>

/* Where @f is written, for a sentence */
struct place {
	const char *section, *file;
};

/**
 * struct plan - One VM's forwards while they are found out
 * @x:         Borrowed. The host
 * @b:         Borrowed. What the VM has
 * @list:      What it shall have, so far
 * @taken:     @list, and what others have or are about to have
 * @old:       What the VM has; not what it has claimed
 * @listeners: Who listens on the host
 * @memo:      Addresses that were looked up
 */
struct plan {
	const struct forwarding *x;
	const struct book *b;
	struct forwards list;
	struct forward_index taken, old;
	struct listeners listeners;
	struct address_memo memo;
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

/* Whether another forward has all these ports of the host, wherever it leads */
static bool has_ports(const struct forward *f, const struct forward *o)
{
	return o->proto == f->proto && o->lo <= f->lo && o->hi >= f->hi &&
	       o->guest.family == f->guest.family && o->local >= f->local &&
	       (f->listen.family ? forward_has_address(o, &f->listen)
				 : !o->listen.family);
}

static int check_taken(const struct plan *p, const struct forward *f,
		       const struct place *at, char ret_why[static WHY_LEN])
{
	char ports[FORWARD_PORTS_LEN], theirs[FORWARD_PORTS_LEN];
	const struct forwards *other;
	const struct forward *o =
		forward_index_find(&p->taken, f, forward_collides, &other);

	if (!o)
		return 0;
	forward_ports(f, ports);
	forward_ports(o, theirs);
	if (other == &p->list)
		why(ret_why,
		    "[forward %s] and [forward %s] of %s both want %s: give one of them another port",
		    o->name, at->section, at->file, ports);
	else
		why(ret_why,
		    "%s is %s's ([forward %s] there, %s): choose another port for [forward %s] in %s",
		    ports, other->vm, o->name, theirs, at->section, at->file);
	return -EPERM;
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

/* rarely asked: no index is made for it */
static bool is_claimed(const struct plan *p, const struct forward *f)
{
	for (size_t i = 0; i < p->b->forwards.n && p->x->begins; i++)
		if (has_ports(f, &p->b->forwards.list[i]))
			return true;
	return false;
}

static int check_host(struct plan *p, const struct forward *f, const struct place *at,
		      char ret_why[static WHY_LEN])
{
	char ports[FORWARD_PORTS_LEN], listener[FORWARD_PORTS_LEN];
	int r;

	/* a program of the host that came later does not take the port from the VM */
	if (forward_index_find(&p->old, f, has_ports, NULL))
		return 0;
	r = listeners_find(&p->listeners, p->x->h->root, f, listener);
	if (r <= 0)
		return r;
	forward_ports(f, ports);
	if (is_claimed(p, f)) {
		why(ret_why,
		    "%s has come into use by the host itself (%s) since [forward %s] in %s has claimed it: the VM gets what comes there",
		    ports, listener, at->section, at->file);
		forwarding_say(p->x, LOG_LEVEL_WARNING, ret_why);
		return 0;
	}
	why(ret_why,
	    "%s is in use by the host itself (%s): choose another port for [forward %s] in %s, or stop that program",
	    ports, listener, at->section, at->file);
	return -EPERM;
}

static int check_one(struct plan *p, const struct forward *f, const struct place *at,
		     char ret_why[static WHY_LEN])
{
	return check_guest(p->x, f, at, ret_why)
		       ?: check_allowed(&p->x->conf.firewall, f, at, ret_why)
		       ?: check_taken(p, f, at, ret_why)
		       ?: check_host(p, f, at, ret_why);
}

/* What one section becomes */
static int expand(struct plan *p, const struct conf_vm *c, const struct conf_forward *f,
		  struct forwards *ret)
{
	struct ip ip[2];
	size_t n = forwarding_find_guest(p->x, c, f, p->b, &p->memo, ip);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = forwards_add_conf(ret, f, &ip[i]);
	for (size_t i = 0; i < ret->n; i++)
		if (!forward_waits(&ret->list[i]))
			forwarding_find_network(p->x, &ret->list[i]);
	return r;
}

static int plan_section(struct plan *p, const struct conf_vm *c,
			const struct conf_forward *f, char ret_why[static WHY_LEN])
{
	const struct place at = { f->name, c->shown };
	struct forwards one = { 0 };
	int r = expand(p, c, f, &one);

	for (size_t i = 0; i < one.n && r == 0; i++)
		r = check_one(p, &one.list[i], &at, ret_why);
	for (size_t i = 0; i < one.n && r == 0; i++)
		r = forwards_add(&p->list, &one.list[i])
			    ?: forward_index_add(&p->taken, &p->list, p->list.n - 1);
	forwards_free(&one);
	return r;
}

static int plan_begin(struct plan *p)
{
	const struct books *books = &p->x->books;
	int r = p->x->begins ? 0 : forward_index_add_all(&p->old, &p->b->forwards);

	forwards_name(&p->list, p->b->forwards.vm, p->b->uuid);
	for (size_t i = 0; i < books->n && r == 0; i++) {
		const struct book *other = &books->book[i];

		if (strcmp(other->forwards.vm, p->list.vm) != 0)
			r = forward_index_add_all(&p->taken, &other->forwards)
				    ?: forward_index_add_all(&p->taken, &other->next);
	}
	return r;
}

static void note(struct findings *found, const struct conf_forward *f,
		 const char *sentence)
{
	if (f->required)
		findings_refuse(found, "%s", sentence);
	else
		findings_remark(found, "%s", sentence);
}

static int plan_sections(struct plan *p, const struct conf_vm *c, bool strict,
			 char ret_why[static WHY_LEN])
{
	int r = 0;

	for (size_t i = 0; i < c->n_forwards && r == 0; i++) {
		const struct conf_forward *f = &c->forwards[i];

		r = plan_section(p, c, f, ret_why);
		if (r == -EPERM && p->x->found)
			note(p->x->found, f, ret_why);
		else if (r == -EPERM && !strict)
			forwarding_say(p->x, LOG_LEVEL_ERR, ret_why);
		if (r == -EPERM && !(strict && f->required))
			r = 0;
	}
	return r;
}

int forwarding_plan(const struct forwarding *x, const struct conf_vm *c,
		    const struct book *b, bool strict, struct forwards *ret,
		    char ret_why[static WHY_LEN])
{
	struct plan p = { .x = x, .b = b };
	int r = plan_begin(&p);

	if (r == 0)
		r = plan_sections(&p, c, strict, ret_why);
	if (r < 0)
		forwards_free(&p.list);
	else
		*ret = p.list;
	listeners_free(&p.listeners);
	forward_index_free(&p.taken);
	forward_index_free(&p.old);
	return r;
}
