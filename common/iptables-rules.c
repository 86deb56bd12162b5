// SPDX-License-Identifier: GPL-2.0-or-later
/* iptables-rules.c - all rules of a text, and the ways that lead through them */

#include "iptables-rules.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8
#define STEPS_MAX 1000000 /* chains can lead to each other in very many ways */
#define RULES_MAX 32768 /* a rule takes 900 bytes; hosts of containers have 20,000 */
#define ENOUGH    1 /* no more is read */

/**
 * struct reading - One run of iptables_rules_read()
 * @table:   Of iptables-save, when @in_save
 */
struct reading {
	struct iptables_rules *all;
	struct import *notes;
	enum iptables_table table;
	bool in_save;
};

static int append(struct iptables_rules *all, const struct iptables_rule *rule)
{
	/* grows by doubling: a power of two is full */
	if (!(all->n & (all->n - 1))) {
		size_t room = all->n ? 2 * all->n : 1;
		struct iptables_rule *more = reallocarray(all->rule, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		all->rule = more;
	}
	all->rule[all->n++] = *rule;
	return 0;
}

/* A line that looks as if it were about forwards, but is no rule that is added */
static bool is_suspicious(const struct shell_command *c)
{
	bool dnat = false;

	if (c->problem)
		return c->text[0] == '-' || strstr(c->text, "tables") ||
		       strstr(c->text, "DNAT");
	for (size_t i = 0; i < c->n; i++) {
		if (text_has_word("-D -C --delete --check echo printf nft",
				  c->word[i].text))
			return false;
		dnat = dnat || strcmp(c->word[i].text, "DNAT") == 0 ||
		       strcmp(c->word[i].text, "-jDNAT") == 0;
	}
	return dnat;
}

static int take_command(void *data, const struct shell_command *c)
{
	struct reading *x = data;
	struct iptables_rule rule;
	int r;

	if (c->n == 1 && c->word[0].text[0] == '*') {
		x->table = iptables_table_of(c->word[0].text);
		x->in_save = true;
		return 0;
	}
	if (c->n == 1 && strcmp(c->word[0].text, "COMMIT") == 0) {
		x->in_save = false;
		return 0;
	}
	r = c->problem ? 0 : iptables_rule_read(c, x->table, x->in_save, &rule);
	if (r == 0 && is_suspicious(c))
		return import_note(
			x->notes, IMPORT_LEFT, c->line, c->text, "%s",
			c->problem
				? c->problem
				: "this is no iptables command that adds a rule; write iptables -t nat -A PREROUTING ...");
	if (r != 1)
		return r;
	r = x->all->n == RULES_MAX ? -E2BIG : append(x->all, &rule);
	if (r < 0)
		iptables_rule_free(&rule);
	if (r != -E2BIG)
		return r;
	return import_note(
		       x->notes, IMPORT_LEFT, c->line, NULL,
		       "more than %d rules are not read; give the part with the forwards alone",
		       RULES_MAX)
		       ?: ENOUGH;
}

/* Rules put in at the head are asked first, the last one before the others. */
static void order_rules(struct iptables_rules *all)
{
	size_t n = 0;

	for (size_t i = all->n; i > 0; i--)
		if (all->rule[i - 1].head)
			all->order[n++] = i - 1;
	for (size_t i = 0; i < all->n; i++)
		if (!all->rule[i].head)
			all->order[n++] = i;
}

static uint32_t sum_of(enum iptables_table table, const char *chain)
{
	uint32_t sum = table;

	for (; *chain; chain++)
		sum = sum * 31 + (unsigned char)*chain;
	return sum;
}

bool iptables_is_jump(const struct iptables_rule *r)
{
	return *r->target &&
	       !text_has_word(
		       "ACCEPT DROP REJECT RETURN DNAT SNAT MASQUERADE REDIRECT LOG MARK "
		       "CONNMARK TCPMSS CHECKSUM CT NOTRACK NETMAP",
		       r->target);
}

int iptables_rules_read(const char *text, size_t len, struct import *notes,
			struct iptables_rules *ret)
{
	struct reading x = { .all = ret, .notes = notes, .table = IPTABLES_OTHER };
	int r;

	*ret = (struct iptables_rules){ 0 };
	r = shell_each(text, len, take_command, &x);
	if (r < 0) /* not ENOUGH */
		return r;
	ret->order = calloc(ret->n + 1, sizeof(*ret->order));
	ret->jump = calloc(ret->n + 1, sizeof(*ret->jump));
	ret->jump_to = calloc(ret->n + 1, sizeof(*ret->jump_to));
	if (!ret->order || !ret->jump || !ret->jump_to)
		return -ENOMEM;
	order_rules(ret);
	for (size_t i = 0; i < ret->n; i++) {
		const struct iptables_rule *rule = &ret->rule[i];

		if (rule->bad || !iptables_is_jump(rule))
			continue;
		ret->jump_to[ret->n_jumps] = sum_of(rule->table, rule->target);
		ret->jump[ret->n_jumps++] = i;
	}
	return 0;
}

void iptables_rules_free(struct iptables_rules *all)
{
	for (size_t i = 0; i < all->n; i++)
		iptables_rule_free(&all->rule[i]);
	free(all->rule);
	free(all->order);
	free(all->jump);
	free(all->jump_to);
	*all = (struct iptables_rules){ 0 };
}

/* ---- ways ---- */

/* keeps what two lists have in common, if there is anything; false too when it is more than fits */
static bool nets_meet(struct iptables_nets *a, const struct iptables_nets *b)
{
	struct iptables_nets both = { 0 };

	if (b->n == 0)
		return true;
	if (a->n == 0) {
		*a = *b;
		return true;
	}
	for (size_t i = 0; i < a->n; i++) {
		for (size_t k = 0; k < b->n; k++) {
			if (!ip_net_overlap(&a->net[i], &b->net[k]))
				continue;
			if (both.n == IPTABLES_NETS_MAX)
				return false;
			/* of two networks that overlap the one is inside the other */
			both.net[both.n++] = a->net[i].prefix > b->net[k].prefix
						     ? a->net[i]
						     : b->net[k];
		}
	}
	*a = both;
	return both.n > 0;
}

static bool meet_names(char *a, const char *b)
{
	if (*a && *b)
		return strcmp(a, b) == 0;
	if (*b)
		memcpy(a, b, strlen(b) + 1);
	return true;
}

/* What a packet must be for @m when it has come through a rule for @before; false: none
 * is */
static bool meet(struct iptables_match *m, const struct iptables_match *before)
{
	if (m->proto && before->proto && m->proto != before->proto)
		return false;
	if (!m->proto)
		m->proto = before->proto;
	m->old = m->old || before->old;
	if (!meet_names(m->in, before->in) || !meet_names(m->out, before->out))
		return false;
	if (!m->missed[0])
		memcpy(m->missed, before->missed, sizeof(m->missed));
	if (m->n_port == 0) {
		memcpy(m->port, before->port, sizeof(m->port));
		m->n_port = before->n_port;
	} else if (before->n_port && !m->missed[0]) {
		memcpy(m->missed, "ports in two rules", sizeof("ports in two rules"));
	}
	return nets_meet(&m->from, &before->from) && nets_meet(&m->to, &before->to);
}

/**
 * struct walk - One run of iptables_ways()
 */
struct walk {
	struct iptables_rules *all;
	enum iptables_table table;
	const char *base;
	iptables_way *each;
	void *data;
	int ways;
};

static int walk_up(struct walk *w, const char *chain, const struct iptables_match *m,
		   unsigned int depth)
{
	uint32_t sum = sum_of(w->table, chain);
	int r = 0;

	if (text_has_word(w->base, chain)) {
		w->ways++;
		return w->each(w->data, chain, m);
	}
	for (size_t i = 0; i < w->all->n_jumps && depth < DEPTH_MAX && r == 0; i++) {
		const struct iptables_rule *jump = &w->all->rule[w->all->jump[i]];
		struct iptables_match both;

		if (++w->all->steps > STEPS_MAX)
			return 0;
		if (w->all->jump_to[i] != sum)
			continue;
		both = *m;
		if (jump->table == w->table && strcmp(jump->target, chain) == 0 &&
		    meet(&both, &jump->match))
			r = walk_up(w, jump->chain, &both, depth + 1);
	}
	return r;
}

int iptables_ways(struct iptables_rules *all, const struct iptables_rule *r,
		  const char *base, iptables_way *each, void *data)
{
	struct walk w = {
		.all = all,
		.table = r->table,
		.base = base,
		.each = each,
		.data = data,
	};
	int end = walk_up(&w, r->chain, &r->match, 0);

	return end ? end : w.ways;
}

bool iptables_is_led_to(const struct iptables_rules *all, const struct iptables_rule *r)
{
	uint32_t sum = sum_of(r->table, r->chain);

	for (size_t i = 0; i < all->n_jumps; i++) {
		const struct iptables_rule *jump = &all->rule[all->jump[i]];

		if (all->jump_to[i] == sum && jump->table == r->table &&
		    strcmp(jump->target, r->chain) == 0)
			return true;
	}
	return false;
}
