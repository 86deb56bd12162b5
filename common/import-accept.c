// SPDX-License-Identifier: GPL-2.0-or-later
/* import-accept.c - who may connect, as the accepts in FORWARD say */

#include "import-judge.h"

#include "import-clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool nets_have(const struct iptables_nets *nets, const struct ip *ip)
{
	for (size_t i = 0; i < nets->n; i++)
		if (nets->net[i].ip.family == ip->family && ip_net_has(&nets->net[i], ip))
			return true;
	return false;
}

bool judge_is_guest(const struct judge *j, const struct iptables_nets *nets)
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
	if (m->old || judge_is_guest(j, &m->from))
		return 0;
	if (m->missed[0] && judge_is_guest(j, &m->to))
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

	/* asked for all pairs: what costs little first */
	for (size_t i = 0; i < m->n_port && !fits; i++)
		fits = m->port[i].lo <= end && m->port[i].hi >= f->to;
	return fits && (!m->proto || m->proto == f->proto) &&
	       (m->to.n == 0 || nets_have(&m->to, &f->guest));
}

/**
 * struct opening - What the accepts say of one forward
 * @clients: Who may connect, in its @from; none: anyone
 * @line:    Of an accept that says so
 * @in:      "", or the interface that an accept for anyone asks for
 */
struct opening {
	struct import_forward clients;
	unsigned int line;
	const char *in;
};

static int add_clients(struct opening *o, const struct iptables_nets *from,
		       uint8_t family)
{
	struct import_forward one = { .n_from = 1 }, *all = &o->clients;
	int r = 0;

	for (size_t k = 0; k < from->n && r == 0; k++) {
		one.from[0] = from->net[k];
		if (one.from[0].ip.family != family)
			continue;
		if (all->n_from == 0)
			all->from[all->n_from++] = one.from[0];
		else
			r = import_join_clients(all, &one);
	}
	return r;
}

/* 0, or -E2BIG more clients than a forward can name */
static int find_opening(const struct judge *j, const struct import_forward *f,
			struct opening *o)
{
	bool anyone = false;
	int r = 0;

	for (size_t i = 0; i < j->n_accepts && r == 0; i++) {
		const struct accept *a = &j->accept[i];

		if (!lets_through(a, f))
			continue;
		if (a->match.from.n == 0 && !a->match.in[0]) {
			*o = (struct opening){ .in = "" };
			return 0;
		}
		if (!anyone)
			o->line = a->line;
		if (a->match.from.n == 0)
			o->in = a->match.in;
		else if (!anyone)
			r = add_clients(o, &a->match.from, f->guest.family);
		anyone = anyone || a->match.from.n == 0;
	}
	if (anyone)
		o->clients.n_from = 0;
	return r;
}

/* FORWARD says it with -s where PREROUTING does not. */
static int narrow(struct judge *j, struct import_forward *f, bool *ret_none)
{
	struct opening o = { .in = "" };
	int r;

	*ret_none = false;
	/* what the host itself sends does not pass there */
	if (ip_is_loopback(&f->listen))
		return 0;
	r = find_opening(j, f, &o);
	if (r == 0 && o.in[0])
		return import_note(
			&j->found, IMPORT_LOOK, f->line, NULL,
			"FORWARD accepts this only from %s (line %u), which a forward does not ask for: write an address of %s in listen, or the networks behind it in from",
			o.in, o.line, o.in);
	if (r == 0 && o.clients.n_from == 0)
		return 0;
	if (r < 0 || import_meet_clients(f, &o.clients) < 0)
		return import_note(
			&j->found, IMPORT_LOOK, f->line, NULL,
			"FORWARD accepts more than %d networks; write in 'from' who may connect",
			CONF_FROM_MAX);
	*ret_none = f->n_from == 0;
	if (*ret_none)
		return import_note(
			&j->found, IMPORT_LEFT, f->line, NULL,
			"of the clients that it is for, FORWARD accepts none (line %u)",
			o.line);
	return import_note(&j->found, IMPORT_SAID, f->line, NULL,
			   "'from' is who is accepted in FORWARD (line %u)", o.line);
}

int judge_accepts(struct judge *j)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < j->all.n && r >= 0; i++) {
		j->rule = &j->all.rule[i];
		if (j->rule->table != IPTABLES_FILTER || j->rule->bad ||
		    strcmp(j->rule->target, "ACCEPT") != 0 ||
		    judge_is_foreign(j->rule->chain))
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
