// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-forwards.c - checks: forwards find their VM, and nothing keeps packets from it */

#include "ctl-check.h"

#include "child.h"
#include "fw.h"
#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_LEN (1u << 20)
#define ASK_MS    2000

/* ---- addresses ---- */

static bool needs_address(const struct check_vm *v)
{
	const struct conf_vm *c = &v->vm.conf;

	for (size_t i = 0; i < c->n_forwards; i++)
		if (!c->forwards[i].to.family && c->network.n_address == 0)
			return true;
	return false;
}

static bool is_reserved(const struct check_at *at, const struct guest_nic *nic)
{
	struct network net;

	return network_read(at->x->host->root, nic->network, nic->mac,
			    at->v->vm.guest.name, &net) == 0 &&
	       net.n_ip > 0;
}

static bool is_on_network(const struct guest *g)
{
	for (size_t i = 0; i < g->n_nics; i++)
		if (g->nics[i].network[0])
			return true;
	return false;
}

static void no_address(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;

	if (!at->v->vm.defined || !needs_address(at->v) || is_on_network(g))
		return;
	check_mend(
		check_found(
			at,
			"%s: nothing says which address the VM has: none of its interfaces is in a network of libvirt",
			at->v->vm.conf.shown),
		"write address = into [network] of %s", at->v->vm.conf.shown);
}

static void no_reservation(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;

	if (!needs_address(at->v) || !is_on_network(g))
		return;
	for (size_t i = 0; i < g->n_nics; i++)
		if (g->nics[i].network[0] && is_reserved(at, &g->nics[i]))
			return;
	check_mend(check_found(at, "%s: no address is reserved for the VM", g->name),
		   "virt-handoff reserve %s", guest_typed(g));
}

/* ---- what keeps packets from a VM ---- */

static void routing_off(const struct check_at *at)
{
	char text[8];

	if (!check_wants_forwards(at->x) || at->x->conf.firewall.manage ||
	    strcmp(check_read(at->x, "proc/sys/net/ipv4/ip_forward", text, sizeof(text)),
		   "0") != 0)
		return;
	check_mend(
		check_found(
			at,
			"this host does not pass packets on: net.ipv4.ip_forward is 0"),
		"write forwarding = manage into [firewall] of host.ini, or net.ipv4.ip_forward = 1 into /etc/sysctl.d");
}

/*
 * Chains of libvirt, Docker and ufw get our one rule, firewalld lets through what was
 * forwarded. Another chain that drops what it does not know belongs to the administrator: we
 * do not touch it.
 */
static bool is_passed(const char *family, const char *table)
{
	if (strcmp(family, "ip") == 0 || strcmp(family, "ip6") == 0)
		return strcmp(table, "filter") == 0 ||
		       strcmp(table, "libvirt_network") == 0;
	return strcmp(family, "inet") != 0 || strcmp(table, FW_TABLE) == 0 ||
	       strcmp(table, "firewalld") == 0;
}

/**
 * struct ruleset - Where in the text of nft list ruleset, or of nftables.conf, we are
 * @drops:   This chain is at hook forward, and drops
 */
struct ruleset {
	char family[16], table[64], chain[64];
	bool drops, passes;
};

static void end_chain(const struct check_at *at, struct ruleset *s)
{
	if (s->drops && !s->passes && !is_passed(s->family, s->table))
		check_mend(
			check_found(
				at,
				"chain %s of table %s %s drops forwarded packets, those of the VMs too",
				s->chain, s->family, s->table),
			"nft insert rule %s %s %s ct status dnat accept, and the same in the file that it comes from",
			s->family, s->table, s->chain);
	s->drops = s->passes = false;
}

/* "meta mark & 0x04000000 == 0x04000000", or "!= 0x00000000"; people write "and", too */
static bool has_mark(const char *line, uint32_t mark)
{
	const char *at = strstr(line, "meta mark ");
	unsigned int mask, value;
	char sign[4], is[4];

	if (!at || sscanf(at, "meta mark %3s %x %3s %x", sign, &mask, is, &value) != 4 ||
	    (strcmp(sign, "&") != 0 && strcmp(sign, "and") != 0) || mask != mark)
		return false;
	return strcmp(is, "==") == 0 ? value == mark : strcmp(is, "!=") == 0 && !value;
}

static void take_line(const struct check_at *at, struct ruleset *s, const char *line)
{
	line += strspn(line, " \t");
	if (sscanf(line, "table %15s %63s", s->family, s->table) == 2)
		return;
	if (sscanf(line, "chain %63s", s->chain) == 1)
		s->drops = s->passes = false;
	if (strstr(line, "hook forward"))
		s->drops = strstr(line, "policy drop");
	if ((strstr(line, "ct status dnat") ||
	     has_mark(line, at->x->conf.firewall.mark)) &&
	    strstr(line, "accept"))
		s->passes = true;
	if (line[0] == '}')
		end_chain(at, s);
}

/* on a recorded machine the file that would be loaded at boot stands for it */
static void read_rules(const struct checkup *x, char *text)
{
	static const char *const argv[] = { "/usr/sbin/nft", "-s",      "-t",
					    "list",          "ruleset", NULL };

	text[0] = '\0';
	if (!ctl_is_here(x->ctl))
		check_read(x, "etc/nftables.conf", text, RULES_LEN);
	else if (child_run(argv, ASK_MS, text, RULES_LEN) != 0)
		text[0] = '\0';
}

static void firewall_drops(const struct check_at *at)
{
	CLEANUP(free_ptr) char *text = malloc(RULES_LEN);
	struct ruleset s = { .table = "" };
	char *cursor = text, *line;

	if (!text || !check_wants_forwards(at->x))
		return;
	read_rules(at->x, text);
	while ((line = strsep(&cursor, "\n")))
		take_line(at, &s, line);
}

/* clang-format off */
static const struct check checks[] = {
	{ "forward-no-address", CHECK_WARNING,
	  "a forward needs to know where it leads to: these never come",
	  CHECK_VM, no_address },
	{ "forward-no-reservation", CHECK_NOTE,
	  "its forwards wait until the VM has got a lease, and move when it gets another one",
	  CHECK_VM, no_reservation },
	{ "forward-routing-off", CHECK_WARNING,
	  "forwarded connections end at the host",
	  CHECK_HOST, routing_off },
	{ "firewall-drops", CHECK_WARNING,
	  "an accept in a table of ours does not save a packet from another table",
	  CHECK_HOST, firewall_drops },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_forwards = { "forwards", checks };
