// SPDX-License-Identifier: GPL-2.0-or-later
/* import-iptables.c - forwards from iptables-save output, or from iptables commands in
 * notes and scripts */

#include "import-iptables.h"

#include "iptables-rules.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/*
 * Theory of operation
 *
 * Rules are judged in the order in which the kernel asks them, because the first one that
 * fits has the packet. DNAT rules for other hosts' packets (PREROUTING) come first; those
 * for the host's own (OUTPUT) then only make a forward local, since a forward serves the
 * host by its own addresses anyway. At last the accepts in FORWARD narrow who may
 * connect: on a host that rejects the rest, which libvirt's does, nobody else could.
 */

/**
 * struct accept - A way to an accept in FORWARD
 */
struct accept {
	unsigned int line;
	struct iptables_match match;
};

/**
 * struct judge - One run of import_iptables()
 * @all:     What was read
 * @found:   What comes out
 * @rule:    That is being judged
 * @output:  Ways through OUTPUT are looked at, not those through PREROUTING
 * @accept:  Owned. Accepts in FORWARD, @n_accepts
 */
struct judge {
	struct iptables_rules all;
	struct import found;
	const struct iptables_rule *rule;
	bool output;
	struct accept *accept;
	size_t n_accepts;
};

/* Chains that other programs make for themselves */
static bool is_foreign(const char *chain)
{
	static const char *const begins[] = {
		"DOCKER",  "LIBVIRT_", "ufw-", "ufw6-",    "KUBE-",
		"CNI-",    "cali-",    "f2b-", "fail2ban", "NETAVARK",
		"CILIUM_", "FLANNEL",  "ts-",  "sshguard",
	};

	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (strncmp(chain, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static int left(struct judge *j, const char *reason)
{
	return import_note(&j->found, IMPORT_LEFT, j->rule->line, j->rule->text, "%s",
			   reason);
}

/* ---- DNAT ---- */

/* How the ports of a rule lead to those of the guest */
enum map {
	MAP_IN_ORDER, /* the first to @to, and so on */
	MAP_TO_ONE, /* all to @to */
	MAP_LEFT, /* neither; a note says so */
};

/* @f has the ports of the host; sets where they lead. enum map or -ENOMEM */
static int map_ports(struct judge *j, struct import_forward *f)
{
	const struct iptables_to *to = &j->rule->to;
	unsigned int n = f->hi - f->lo + 1u, behind = to->hi - to->lo + 1u;
	int r;

	f->to = f->lo;
	if (to->base && f->lo >= to->base && f->hi - to->base <= to->hi - to->lo) {
		f->to = (uint16_t)(to->lo + (f->lo - to->base));
		return MAP_IN_ORDER;
	}
	/* the kernel leaves a port as it is when it is one of those that it may be */
	if (!to->lo || (!to->base && f->lo >= to->lo && f->hi <= to->hi))
		return MAP_IN_ORDER;
	f->to = to->lo;
	if (!to->base && behind == 1)
		return MAP_TO_ONE;
	if (to->base || n != behind) {
		r = import_note(
			&j->found, IMPORT_LEFT, j->rule->line, j->rule->text,
			"%u ports from %u on cannot lead to %u-%u; write as many on both sides",
			n, f->lo, to->lo, to->hi);
		return r ?: MAP_LEFT;
	}
	r = import_note(
		&j->found, IMPORT_LOOK, j->rule->line, NULL,
		"iptables led each of these ports to whichever of %u-%u was free; this leads %u to %u and so on",
		to->lo, to->hi, f->lo, f->to);
	return r ?: MAP_IN_ORDER;
}

/* Several ports that lead to one are a forward each. */
static int add_each(struct judge *j, const struct import_forward *f)
{
	unsigned int n = f->hi - f->lo + 1u;
	struct import_forward one = *f;
	int r = 0;

	if (n > CONF_LISTEN_MAX)
		return import_note(
			&j->found, IMPORT_LEFT, j->rule->line, j->rule->text,
			"%u ports lead to one; a forward takes at most %d, one by one", n,
			CONF_LISTEN_MAX);
	for (unsigned int port = f->lo; port <= f->hi && r == 0; port++) {
		one.lo = one.hi = (uint16_t)port;
		r = import_add(&j->found, &one, j->rule->text);
	}
	return r;
}

/* Whether what @f does is done by @o, but for 127.0.0.1 */
static bool does(const struct import_forward *o, const struct import_forward *f)
{
	return o->proto == f->proto && ip_equal(&o->guest, &f->guest) && o->lo <= f->lo &&
	       o->hi >= f->hi && o->to - o->lo == f->to - f->lo;
}

/* A way through OUTPUT: a forward does it already, or is made local by it. */
static int add_local(struct judge *j, const struct import_forward *f)
{
	bool loopback = ip_is_loopback(&f->listen) || !f->listen.family;
	struct import_forward one = *f;

	for (size_t i = 0; i < j->found.n; i++) {
		struct import_forward *o = &j->found.forward[i];

		if (!does(o, f))
			continue;
		if (!o->listen.family && loopback && f->guest.family == AF_INET)
			o->local = true;
		if (!o->listen.family || ip_equal(&o->listen, &f->listen))
			return 0;
	}
	if (!ip_is_loopback(&f->listen))
		return left(
			j,
			"only the host itself used it, and PREROUTING leads nobody else to the same place; keep it, or write the forward by hand");
	one.local = true;
	return import_add(&j->found, &one, j->rule->text);
}

static int add_listen(struct judge *j, const struct ip_net *to,
		      const struct iptables_ports *p, const struct iptables_match *m)
{
	struct import_forward f = {
		.line = j->rule->line,
		.guest = j->rule->to.ip,
		.proto = m->proto,
		.lo = p->lo,
		.hi = p->hi,
		.listen = to ? to->ip : (struct ip){ 0 },
	};
	int map = map_ports(j, &f), r = 0;

	if (map < 0 || map == MAP_LEFT)
		return map < 0 ? map : 0;
	if (j->output)
		return add_local(j, &f);
	if (m->from.n == 0)
		return map == MAP_TO_ONE ? add_each(j, &f)
					 : import_add(&j->found, &f, j->rule->text);
	for (size_t i = 0; i < m->from.n && r == 0; i++) {
		f.from[0] = m->from.net[i];
		f.n_from = 1;
		r = map == MAP_TO_ONE ? add_each(j, &f)
				      : import_add(&j->found, &f, j->rule->text);
	}
	return r;
}

/* What keeps a way from being a forward; NULL: nothing */
static const char *obstacle(const struct judge *j, const struct iptables_match *m)
{
	const struct ip *guest = &j->rule->to.ip;

	if (!m->proto)
		return "without -p tcp, udp or sctp it leads all protocols; write which ports the VM serves";
	if (m->n_port == 0)
		return "without --dport it leads every port, also those of the host itself; write which ports the VM serves";
	if (m->old)
		return "no connection begins in this state; write NEW";
	for (size_t i = 0; i < m->from.n; i++)
		if (m->from.net[i].ip.family != guest->family)
			return "-s and --to-destination have addresses of two families";
	for (size_t i = 0; i < m->to.n; i++) {
		const struct ip *ip = &m->to.net[i].ip;
		/* all of 127.0.0.0/8 leads to the same place */
		bool local = j->output && ip_is_loopback(ip) && ip->family == AF_INET;

		if (ip->family != guest->family)
			return "-d and --to-destination have addresses of two families";
		if (m->to.net[i].prefix < 8 * ip_size(ip) && !local)
			return "a forward listens on single addresses, not on a network; write them in -d, or leave -d out";
		if (ip_is_loopback(ip) && !local)
			return ip->family == AF_INET
				       ? "other hosts cannot ask 127.0.0.1; leave -d out, and write local = yes for the host itself"
				       : "Linux cannot forward from ::1";
		if (!ip_is_host(ip))
			return "no single host has this address; leave -d out for every address";
	}
	return NULL;
}

/* 127.0.0.0/8 is 127.0.0.1 for a forward. */
static struct ip_net single(const struct ip_net *net)
{
	struct ip_net one = *net;

	if (ip_is_loopback(&one.ip) && one.ip.family == AF_INET && one.prefix < 32)
		one.ip.bytes[3] = 1;
	return one;
}

static int take_way(void *data, const char *base, const struct iptables_match *m)
{
	struct judge *j = data;
	const char *reason;
	int r = 0;

	if ((strcmp(base, "OUTPUT") == 0) != j->output)
		return 0;
	if (m->missed[0])
		return import_note(&j->found, IMPORT_LEFT, j->rule->line, j->rule->text,
				   "a forward cannot ask for %s; write it without",
				   m->missed);
	reason = obstacle(j, m);
	if (reason)
		return left(j, reason);
	for (size_t i = 0; i < m->n_port && r == 0; i++) {
		for (size_t k = 0; k < m->to.n && r == 0; k++) {
			struct ip_net to = single(&m->to.net[k]);

			r = add_listen(j, &to, &m->port[i], m);
		}
		if (m->to.n == 0 && r == 0)
			r = add_listen(j, NULL, &m->port[i], m);
	}
	if (r == 0 && m->in[0] && strcmp(m->in, "lo") != 0)
		r = import_note(
			&j->found, IMPORT_LOOK, j->rule->line, NULL,
			"this was only for what came in by %s; a forward does not ask for it: write an address of %s in listen, or the networks behind it in from",
			m->in, m->in);
	return r;
}

static int take_dnat(struct judge *j)
{
	const struct iptables_rule *r = j->rule;
	int ways;

	if (r->bad)
		return j->output ? 0 : left(j, r->bad);
	if (r->table != IPTABLES_NAT)
		return j->output
			       ? 0
			       : left(j,
				      "DNAT is only in the table nat; write iptables -t nat");
	if (!r->to.ip.family && !r->to.lo)
		return j->output
			       ? 0
			       : left(j,
				      "it does not say where to; write --to-destination ADDRESS:PORT");
	if (!r->to.ip.family || ip_is_loopback(&r->to.ip))
		return j->output
			       ? 0
			       : import_note(
					 &j->found, IMPORT_SAID, r->line, r->text,
					 "leads to the host itself, not to a VM; keep it");
	ways = iptables_ways(&j->all, r, "PREROUTING OUTPUT", take_way, j);
	if (ways != 0 || j->output)
		return ways < 0 ? ways : 0;
	if (iptables_is_led_to(&j->all, r))
		return left(
			j,
			"no packet comes here: what leads to this chain asks for something else, or the chains lead in a circle");
	ways = take_way(j, "PREROUTING", &r->match);
	return ways < 0
		       ? ways
		       : import_note(
				 &j->found, IMPORT_LOOK, r->line, NULL,
				 "nothing in the text leads to the chain %s; taken as if PREROUTING did",
				 r->chain);
}

static int take_dnats(struct judge *j)
{
	int r = 0;

	for (int pass = 0; pass < 2; pass++) {
		j->output = pass == 1;
		for (size_t i = 0; i < j->all.n && r == 0; i++) {
			j->rule = &j->all.rule[j->all.order[i]];
			if (strcmp(j->rule->target, "DNAT") == 0 &&
			    !is_foreign(j->rule->chain))
				r = take_dnat(j);
		}
	}
	return r;
}

/* ---- accepts ---- */

static bool nets_have(const struct iptables_nets *nets, const struct ip *ip)
{
	for (size_t i = 0; i < nets->n; i++)
		if (nets->net[i].ip.family == ip->family && ip_net_has(&nets->net[i], ip))
			return true;
	return false;
}

static bool is_guest(const struct judge *j, const struct iptables_nets *nets)
{
	for (size_t i = 0; i < j->found.n; i++)
		if (nets_have(nets, &j->found.forward[i].guest))
			return true;
	return false;
}

static int take_accept(void *data, const char *base, const struct iptables_match *m)
{
	struct judge *j = data;
	struct accept *more;

	(void)base;
	/* answers of a guest, and what it asks itself */
	if (m->old || is_guest(j, &m->from))
		return 0;
	if (m->missed[0] && is_guest(j, &m->to))
		return import_note(
			&j->found, IMPORT_LEFT, j->rule->line, j->rule->text,
			"a forward cannot ask for %s; what it accepts, the forward lets through for everyone in 'from'",
			m->missed);
	if (m->missed[0] || (m->in[0] && m->to.n == 0))
		return 0;
	if (!(j->n_accepts & (j->n_accepts - 1))) {
		size_t room = j->n_accepts ? 2 * j->n_accepts : 1;

		more = reallocarray(j->accept, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		j->accept = more;
	}
	j->accept[j->n_accepts++] = (struct accept){ .line = j->rule->line, .match = *m };
	return 0;
}

static bool lets_through(const struct accept *a, const struct import_forward *f)
{
	const struct iptables_match *m = &a->match;
	unsigned int end = f->to + (unsigned int)(f->hi - f->lo);
	bool fits = m->n_port == 0;

	if ((m->proto && m->proto != f->proto) ||
	    (m->to.n && !nets_have(&m->to, &f->guest)))
		return false;
	for (size_t i = 0; i < m->n_port && !fits; i++)
		fits = m->port[i].lo <= end && m->port[i].hi >= f->to;
	return fits;
}

/* Who may connect as the accepts say: 1 these alone, 0 anyone, and the line of one */
static int accepted(const struct judge *j, const struct import_forward *f,
		    struct import_forward *ret, unsigned int *ret_line)
{
	struct import_forward one = { .n_from = 1 };

	ret->n_from = 0;
	for (size_t i = 0; i < j->n_accepts; i++) {
		const struct iptables_nets *from = &j->accept[i].match.from;

		if (!lets_through(&j->accept[i], f))
			continue;
		if (from->n == 0)
			return 0;
		*ret_line = j->accept[i].line;
		for (size_t k = 0; k < from->n; k++) {
			one.from[0] = from->net[k];
			if (one.from[0].ip.family != f->guest.family)
				continue;
			if (ret->n_from == 0)
				ret->from[ret->n_from++] = one.from[0];
			else if (import_join_clients(ret, &one) < 0)
				return -E2BIG;
		}
	}
	return ret->n_from > 0;
}

/* FORWARD says it with -s where PREROUTING does not. */
static int narrow(struct judge *j, struct import_forward *f, bool *ret_none)
{
	struct import_forward allowed = { 0 };
	unsigned int line = 0;
	int r = accepted(j, f, &allowed, &line);

	*ret_none = false;
	if (r == 0)
		return 0;
	if (r < 0 || import_meet_clients(f, &allowed) < 0)
		return import_note(
			&j->found, IMPORT_LOOK, f->line, NULL,
			"FORWARD accepts more than %d networks; write in 'from' who may connect",
			CONF_FROM_MAX);
	*ret_none = f->n_from == 0;
	if (*ret_none)
		return import_note(
			&j->found, IMPORT_LEFT, f->line, NULL,
			"of the clients that it is for, FORWARD accepts none (line %u)",
			line);
	return import_note(&j->found, IMPORT_SAID, f->line, NULL,
			   "'from' is who is accepted in FORWARD (line %u)", line);
}

static int take_accepts(struct judge *j)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < j->all.n && r >= 0; i++) {
		j->rule = &j->all.rule[i];
		if (j->rule->table != IPTABLES_FILTER || j->rule->bad ||
		    strcmp(j->rule->target, "ACCEPT") != 0 || is_foreign(j->rule->chain))
			continue;
		r = iptables_ways(&j->all, j->rule, "FORWARD", take_accept, j);
	}
	for (size_t i = 0; i < j->found.n && r >= 0; i++) {
		bool none;

		r = narrow(j, &j->found.forward[i], &none);
		if (!none)
			j->found.forward[n++] = j->found.forward[i];
	}
	if (r >= 0)
		j->found.n = n;
	return r < 0 ? r : 0;
}

/* ---- the rest ---- */

/* Rules of the table nat, but for DNAT */
static int take_nat(struct judge *j)
{
	const struct iptables_rule *r = j->rule;

	if (strcmp(r->target, "REDIRECT") == 0)
		return import_note(&j->found, IMPORT_SAID, r->line, r->text,
				   "leads to the host itself, not to a VM; keep it");
	if (text_has_word("MASQUERADE SNAT", r->target) && is_guest(j, &r->match.to))
		return import_note(
			&j->found, IMPORT_SAID, r->line, r->text,
			"no longer needed: VMs reach themselves and each other by the host's address");
	if (r->bad && !*r->target && text_has_word("PREROUTING OUTPUT", r->chain))
		return left(j, r->bad);
	if (!iptables_is_jump(r))
		j->found.passed++;
	return 0;
}

/* Rules of the table filter */
static int take_filter(struct judge *j)
{
	const struct iptables_rule *r = j->rule;
	const struct iptables_match *m = &r->match;

	if (text_has_word("INPUT OUTPUT", r->chain)) {
		j->found.passed++;
		return 0;
	}
	if (r->bad && (!*r->target || text_has_word("ACCEPT DROP REJECT", r->target)))
		return left(j, r->bad);
	if (text_has_word("DROP REJECT", r->target) && m->from.n &&
	    !is_guest(j, &m->from) && (m->to.n == 0 || is_guest(j, &m->to)))
		return left(
			j,
			"what a forward leads on is accepted before this rule; write in 'from' who may connect");
	if (!is_guest(j, &m->to) && !iptables_is_jump(r))
		j->found.passed++;
	return 0;
}

static int take_rest(struct judge *j)
{
	int r = 0;

	for (size_t i = 0; i < j->all.n && r == 0; i++) {
		j->rule = &j->all.rule[i];
		if (is_foreign(j->rule->chain) || is_foreign(j->rule->target) ||
		    j->rule->table == IPTABLES_OTHER)
			j->found.passed++;
		else if (strcmp(j->rule->target, "DNAT") == 0)
			continue;
		else
			r = j->rule->table == IPTABLES_NAT ? take_nat(j) : take_filter(j);
	}
	return r;
}

int import_iptables(const char *text, size_t len, struct import *ret,
		    char ret_why[static WHY_LEN])
{
	struct judge j = { 0 };
	int r;

	if (len > IMPORT_TEXT_MAX) {
		why(ret_why, "more than %u bytes; give the part with the forwards alone",
		    IMPORT_TEXT_MAX);
		return -E2BIG;
	}
	r = iptables_rules_read(text, len, &j.found, &j.all);
	if (r == 0)
		r = take_dnats(&j);
	if (r == 0)
		r = take_rest(&j);
	if (r == 0)
		r = take_accepts(&j);
	iptables_rules_free(&j.all);
	free(j.accept);
	if (r < 0) {
		why(ret_why, "no memory");
		import_free(&j.found);
		return r;
	}
	import_sort(&j.found);
	*ret = j.found;
	return 0;
}
