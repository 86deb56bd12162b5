// SPDX-License-Identifier: GPL-2.0-or-later
/* import-dnat.c - DNAT rules as forwards */

#include "import-judge.h"

#include <string.h>
#include <sys/socket.h>

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

static int add_plain(struct judge *j, const struct import_forward *f)
{
	return import_add(&j->found, f, j->rule->text);
}

/* Several ports that lead to one are a forward each. */
static int add_each(struct judge *j, const struct import_forward *f,
		    int (*add)(struct judge *j, const struct import_forward *f))
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
		r = add(j, &one);
	}
	return r;
}

/* Whether what @f does is done by @o, whatever address they listen on */
static bool does(const struct import_forward *o, const struct import_forward *f)
{
	return o->proto == f->proto && ip_equal(&o->guest, &f->guest) && o->lo <= f->lo &&
	       o->hi >= f->hi && o->to - o->lo == f->to - f->lo;
}

/*
 * The one of the same ports and every address, or one that is local already; of more ports,
 * 127.0.0.1 is the host's own in the rest
 */
static struct import_forward *find_same(struct judge *j, const struct import_forward *f)
{
	for (size_t i = 0; i < j->found.n; i++) {
		struct import_forward *o = &j->found.forward[i];

		if (does(o, f) && !o->listen.family &&
		    (o->local || (o->lo == f->lo && o->hi == f->hi)))
			return o;
	}
	return NULL;
}

static int add_loopback(struct judge *j, const struct import_forward *f, struct ip listen)
{
	struct import_forward one = *f;

	one.listen = listen;
	one.local = true;
	return import_add(&j->found, &one, j->rule->text);
}

/* A way through OUTPUT: a forward does it already, or is made local by it. */
static int add_local(struct judge *j, const struct import_forward *f)
{
	static const struct ip localhost = { AF_INET, { 127, 0, 0, 1 } };
	bool loopback = ip_is_loopback(&f->listen), others = false;
	bool whole = f->guest.family == AF_INET &&
		     (!f->listen.family || ip_equal(&f->listen, &localhost));
	struct import_forward *same = whole ? find_same(j, f) : NULL;

	if (same)
		return import_make_local(&j->found, same, f->everywhere, j->rule->line,
					 j->rule->text);
	for (size_t i = 0; i < j->found.n; i++) {
		const struct import_forward *o = &j->found.forward[i];

		if (!does(o, f))
			continue;
		others |= whole && !f->listen.family && !ip_is_loopback(&o->listen);
		if (!o->listen.family && !loopback)
			return whole ? add_loopback(j, f, localhost) : 0;
		if (ip_equal(&o->listen, &f->listen))
			return 0;
	}
	if (loopback)
		return add_loopback(j, f, f->listen);
	return judge_left(
		j,
		others ? "PREROUTING leads to the same place by one address alone, and the host itself used it by all; keep it, or write local = yes into that forward for 127.0.0.1"
		       : "only the host itself used it, and PREROUTING leads nobody else to the same place; keep it, or write the forward by hand");
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
		.everywhere = j->output && (!to || to->prefix < 8 * ip_size(&to->ip)),
	};
	int (*add)(struct judge * j, const struct import_forward *f) =
		j->output ? add_local : add_plain;
	int map = map_ports(j, &f), r = 0;

	if (map < 0 || map == MAP_LEFT)
		return map < 0 ? map : 0;
	/* whom OUTPUT asks for is the host itself */
	if (j->output || m->from.n == 0)
		return map == MAP_TO_ONE ? add_each(j, &f, add) : add(j, &f);
	f.n_from = 1;
	for (size_t i = 0; i < m->from.n && r == 0; i++) {
		f.from[0] = m->from.net[i];
		r = map == MAP_TO_ONE ? add_each(j, &f, add) : add(j, &f);
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
		return judge_left(j, reason);
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
		return j->output ? 0 : judge_left(j, r->bad);
	if (r->table != IPTABLES_NAT)
		return j->output
			       ? 0
			       : judge_left(
					 j,
					 "DNAT is only in the table nat; write iptables -t nat");
	if (!r->to.ip.family && !r->to.lo)
		return j->output
			       ? 0
			       : judge_left(
					 j,
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
		return judge_left(
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

int judge_dnats(struct judge *j)
{
	int r = 0;

	for (int pass = 0; pass < 2; pass++) {
		j->output = pass == 1;
		for (size_t i = 0; i < j->all.n && r == 0; i++) {
			j->rule = &j->all.rule[j->all.order[i]];
			if (strcmp(j->rule->target, "DNAT") == 0 &&
			    !judge_is_foreign(j->rule->chain))
				r = take_dnat(j);
		}
	}
	return r;
}
