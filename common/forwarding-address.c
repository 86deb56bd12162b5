// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding-address.c - where a VM's forwards lead to: its addresses, and their network */

#include "forwarding-parts.h"

#include "address.h"
#include "iface.h"

#include <string.h>
#include <sys/socket.h>

/* libvirt tells the bridge of a network only while the VM runs: what is not known may be the same */
static bool may_meet(const struct guest_nic *a, const struct guest_nic *b)
{
	if (a->bridge[0] && b->bridge[0])
		return strcmp(a->bridge, b->bridge) == 0;
	return !a->network[0] || !b->network[0] || strcmp(a->network, b->network) == 0;
}

/* a lease is one of its network */
static bool has_mac(const struct book *b, const struct guest_nic *nic)
{
	for (size_t i = 0; i < b->n_nics; i++)
		if (nic->mac[0] && strcmp(b->nics[i].mac, nic->mac) == 0 &&
		    may_meet(&b->nics[i], nic))
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

/* its MACs are written down for when it gets some */
static bool has_no_forward(const struct book *b)
{
	return b->forwards.n == 0 && b->next.n == 0;
}

/*
 * A lease belongs to a MAC, and whoever writes the XML of a VM may write another VM's MAC
 * there: his forwards would lead to that VM. Who has the address keeps it.
 */
static const struct book *find_double(const struct forwarding *x, const struct book *b,
				      const struct ip *guest)
{
	if (leads_to(&b->forwards, guest))
		return NULL;
	for (size_t i = 0; i < x->books.n; i++) {
		const struct book *other = &x->books.book[i];

		if (strcmp(other->forwards.vm, b->forwards.vm) == 0 ||
		    has_no_forward(other))
			continue;
		for (size_t k = 0; k < b->n_nics; k++)
			if (has_mac(other, &b->nics[k]))
				return other;
	}
	return NULL;
}

/* The addresses to which this section leads now */
static size_t keep_addresses(const struct conf_forward *f, const struct book *b,
			     struct ip ret[static 2])
{
	size_t n = 0;

	for (size_t i = 0; i < b->forwards.n && n < 2; i++) {
		const struct forward *now = &b->forwards.list[i];

		if (strcmp(now->name, f->name) == 0 && !forward_waits(now) &&
		    (n == 0 || ret[0].family != now->guest.family))
			ret[n++] = now->guest;
	}
	return n;
}

static int find(const struct forwarding *x, const struct conf_forward *f,
		const struct book *b, struct address_memo *memo, struct ip ret[static 2])
{
	if (!memo->known || strcmp(memo->interface, f->interface) != 0) {
		memo->n = address_find(x->h->root, b->nics, b->n_nics, f->interface,
				       b->forwards.vm, memo->ip);
		memo->other = memo->n > 0 ? find_double(x, b, &memo->ip[0]) : NULL;
		memo->interface = f->interface;
		memo->known = true;
		memo->said = false;
	}
	memcpy(ret, memo->ip, sizeof(memo->ip));
	return memo->n;
}

/* Leases or reservations that cannot be read are not those of a VM that has none. */
static size_t find_or_keep(const struct forwarding *x, const struct conf_forward *f,
			   const struct book *b, struct address_memo *memo,
			   struct ip ret[static 2])
{
	int n = find(x, f, b, memo, ret);
	char sentence[WHY_LEN];

	if (n >= 0)
		return (size_t)n;
	why(sentence,
	    "the leases or reservations of %s's network cannot be read (%s): [forward %s] leads where it led; look into /var/lib/libvirt/dnsmasq and /run/libvirt/network",
	    b->forwards.vm, strerror(-n), f->name);
	forwarding_say(x, LOG_LEVEL_ERR, sentence);
	return keep_addresses(f, b, ret);
}

static size_t look_up(const struct forwarding *x, const struct conf_forward *f,
		      const struct book *b, struct address_memo *memo,
		      struct ip ret[static 2])
{
	size_t n = find_or_keep(x, f, b, memo, ret);
	char sentence[WHY_LEN];

	if (!memo->other)
		return n;
	if (memo->said)
		return 0;
	memo->said = true;
	why(sentence,
	    "%s has a MAC that %s has too: no address is looked up for it; give it a MAC of its own, or write address = into [network]",
	    b->forwards.vm, memo->other->forwards.vm);
	forwarding_say(x, LOG_LEVEL_ERR, sentence);
	return 0;
}

/* Addresses for one section: `to`, then [network], then reservation or lease */
static size_t find_addresses(const struct forwarding *x, const struct conf_vm *c,
			     const struct conf_forward *f, const struct book *b,
			     struct address_memo *memo, struct ip ret[static 2])
{
	if (f->to.family) {
		ret[0] = f->to;
		return 1;
	}
	memcpy(ret, c->network.address, sizeof(c->network.address));
	if (c->network.n_address)
		return c->network.n_address;
	return look_up(x, f, b, memo, ret);
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

size_t forwarding_find_guest(const struct forwarding *x, const struct conf_vm *c,
			     const struct conf_forward *f, const struct book *b,
			     struct address_memo *memo, struct ip ret[static 2])
{
	return find_addresses(x, c, f, b, memo, ret) ?: no_address(f, ret);
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
