// SPDX-License-Identifier: GPL-2.0-or-later
/* draft-ports.c - how a VM is reached from outside: sections [network] and [forward ssh] */

#include "draft.h"

#include "address.h"
#include "file.h"
#include "forward.h"
#include "listeners.h"
#include "network.h"
#include "vms.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * Above 2200, because 2222 is what everybody else takes first; below 32768, from where on
 * the kernel gives ports to whoever asks for any.
 */
#define FIRST_PORT  2201
#define LOWEST_PORT 1024
#define PORTS       65536

/**
 * struct ports - Ports of the host that cannot be had
 * @busy:    tcp ports that another VM's INI file names
 * @self:    UUID and name of the VM itself, whose file does not count
 * @allowed: host.ini
 */
struct ports {
	bool busy[PORTS];
	const struct guest *self;
	struct conf_host conf;
	struct listeners listeners;
	int root;
};

static int mark(struct vm *vm, const char *sentence, void *data)
{
	struct ports *p = data;

	(void)sentence; /* what is wrong with another VM's file is its own affair */
	if (!vm || strcmp(vm->guest.name, p->self->name) == 0)
		return 0;
	for (size_t i = 0; i < vm->conf.n_forwards; i++) {
		const struct conf_forward *f = &vm->conf.forwards[i];

		for (size_t k = 0; k < f->n_listen; k++)
			for (unsigned int n = f->listen[k].lo; n <= f->listen[k].hi; n++)
				p->busy[n] |= f->listen[k].proto == IPPROTO_TCP;
	}
	return 0;
}

static bool is_allowed(const struct conf_firewall *c, unsigned int port)
{
	for (size_t i = 0; i < c->n_allowed; i++)
		if (port >= c->allowed[i].lo && port <= c->allowed[i].hi)
			return true;
	return c->n_allowed == 0;
}

static bool is_free(struct ports *p, unsigned int port)
{
	struct forward f = { .proto = IPPROTO_TCP,
			     .lo = (uint16_t)port,
			     .hi = (uint16_t)port,
			     .guest = { .family = AF_INET } };
	char unused[FORWARD_PORTS_LEN];

	return !p->busy[port] && is_allowed(&p->conf.firewall, port) &&
	       listeners_find(&p->listeners, p->root, &f, unused) == 0;
}

/* the first that is free; 0: none */
static unsigned int choose(struct ports *p)
{
	for (unsigned int n = FIRST_PORT; n < PORTS; n++)
		if (is_free(p, n))
			return n;
	for (unsigned int n = LOWEST_PORT; n < FIRST_PORT; n++)
		if (is_free(p, n))
			return n;
	return 0;
}

static int read_ports(struct draft *d, struct ports *p)
{
	CLEANUP(close_fd)
	int dir = openat(d->ctl->host.root, "etc/virt-handoff",
			 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char sentence[WHY_LEN];
	int r = dir < 0 ? 0 : conf_host_read(dir, &p->conf, sentence);

	p->root = d->ctl->host.root;
	p->self = &d->domain->guest;
	if (r < 0)
		draft_ask(d, "%s", sentence);
	return vms_each(&d->ctl->host, mark, p);
}

static int draft_ssh(struct draft *d, const struct guest_nic *nic)
{
	struct ports *p = calloc(1, sizeof(*p));
	struct draft_section *s = draft_open(d, "forward", "ssh");
	unsigned int port;
	char value[16];
	int r = p && s ? read_ports(d, p) : -ENOMEM;

	if (r == 0) {
		port = choose(p);
		snprintf(value, sizeof(value), "%u/tcp", port ?: FIRST_PORT);
		draft_set(s, "listen", value);
		draft_set(s, "to", "22");
		s->off = !nic || !port;
		if (!s->off)
			draft_say(d, "port %u of this host leads to ssh of the VM", port);
	}
	if (p)
		listeners_free(&p->listeners);
	free(p);
	return r;
}

/* the address is looked up at each start; written down it would not follow a new one */
static void draft_network(struct draft *d, const struct guest_nic *nic)
{
	const struct guest *g = &d->domain->guest;
	struct draft_section *s = draft_open(d, "network", "");
	struct network network = { 0 };
	char text[IP_LEN];
	struct ip ip[2];

	if (!s)
		return;
	s->off = !nic;
	if (!nic) {
		draft_note(s, "The domain XML has no interface in a network of libvirt.");
		return;
	}
	if (address_find(d->ctl->host.root, nic, 1, "", g->name, ip) <= 0) {
		draft_note(
			s,
			"%s in network %s has no reservation and no lease yet: forwards follow when it has an address.",
			nic->mac, nic->network);
		return;
	}
	ip_format(&ip[0], text);
	draft_propose(s, "address", text);
	if (network_read(d->ctl->host.root, nic->network, nic->mac, g->name, &network) ==
		    0 &&
	    network.n_ip > 0)
		draft_note(s, "Network %s reserves %s for %s.", nic->network, text,
			   nic->mac);
	else
		draft_note(
			s,
			"%s has leased %s in network %s; virt-handoff reserve keeps it.",
			nic->mac, text, nic->network);
}

int draft_ports(struct draft *d)
{
	const struct guest *g = &d->domain->guest;
	const struct guest_nic *nic = NULL;

	for (size_t i = 0; i < g->n_nics && !nic; i++)
		if (strcmp(g->nics[i].type, "network") == 0)
			nic = &g->nics[i];
	draft_network(d, nic);
	return draft_ssh(d, nic);
}
