// SPDX-License-Identifier: GPL-2.0-or-later
/* iptables-rule.c - one iptables command, or one line of iptables-save, as a rule */

#include "iptables-rule.h"

#include "iptables-option.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum iptables_table iptables_table_of(const char *name)
{
	name += *name == '*';
	if (strcmp(name, "nat") == 0)
		return IPTABLES_NAT;
	return strcmp(name, "filter") == 0 ? IPTABLES_FILTER : IPTABLES_OTHER;
}

/* -4 and -6 are; every other word that begins so is a negative number */
static bool is_option(const struct shell_word *w)
{
	const char *s = w->text;

	return *s == '-' && s[1] &&
	       (!isdigit((unsigned char)s[1]) || text_has_word("-4 -6", s));
}

static bool is_not(const struct shell_word *w)
{
	return strcmp(w->text, "!") == 0;
}

static void take_unknown(struct iptables_reading *x, const struct shell_word *w)
{
	if (!x->why[0])
		why(x->why,
		    "'%.100s' has a value that is not in the text; write it instead of the name",
		    w->text);
}

/* One option with its values; returns how many words that was */
static size_t take_option(struct iptables_reading *x, const struct shell_word *w,
			  size_t n, bool invert)
{
	const char *value;
	const struct iptables_option *o = iptables_option_find(w->text, &value);
	size_t used = 1, want;

	if (!o) {
		iptables_missed(x, "the option '%.20s'", w->text);
		while (used < n && !is_option(&w[used]) && !is_not(&w[used]))
			used++;
		return used;
	}
	want = o->words - (value != NULL);
	if (o->take && value && w->unknown)
		take_unknown(x, w);
	else if (o->take && value)
		o->take(x, value, invert);
	if (want == 0 || value)
		return used;
	if (used < n && is_not(&w[used])) {
		invert = true;
		used++;
	}
	if (used + want > n) {
		if (o->take && !x->why[0])
			why(x->why, "nothing stands behind %s; write its value", w->text);
		return n;
	}
	if (o->take && w[used].unknown)
		take_unknown(x, &w[used]);
	else if (o->take)
		o->take(x, w[used].text, invert);
	return used + want;
}

static void take_options(struct iptables_reading *x, const struct shell_word *w, size_t n)
{
	bool invert = false;

	for (size_t i = 0; i < n;) {
		if (is_not(&w[i])) {
			invert = true;
			i++;
			continue;
		}
		/* the number of -I CHAIN 1 and of -w 5, an empty "", and a slip of the
		 * hand */
		if (!is_option(&w[i])) {
			if (w[i].text[strspn(w[i].text, "0123456789.")] && !x->why[0])
				why(x->why,
				    "'%.60s' is neither an option nor the value of one",
				    w[i].text);
			i++;
			continue;
		}
		i += take_option(x, &w[i], n - i, invert);
		invert = false;
	}
}

/* What stands for iptables: 4, 6, or 0 when it is something else */
/* A variable's name has it, at its begin or behind a sign: $IPT, $MY_IPTABLES, not $SCRIPT */
static bool is_named(const char *name, const char *what)
{
	for (const char *p = name; (p = strcasestr(p, what)); p++)
		if (p == name || !isalpha((unsigned char)p[-1]))
			return true;
	return false;
}

static int command_family(const struct shell_word *w)
{
	static const char *const names[] = { "tables", "tables-nft", "tables-legacy" };
	const char *slash = strrchr(w->text, '/'), *name = slash ? slash + 1 : w->text;
	const char *rest;

	/* $IPT, ${IPTABLES}: the value is in a file that this one reads */
	if (w->unknown && is_named(name, "ipt"))
		return AF_INET;
	if (w->unknown && is_named(name, "ip6t"))
		return AF_INET6;
	if (strncmp(name, "ip", 2) != 0)
		return 0;
	rest = name + (name[2] == '6' ? 3 : 2);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(rest, names[i]) == 0)
			return name[2] == '6' ? AF_INET6 : AF_INET;
	return 0;
}

/* Where the options begin, behind sudo and iptables; 0: it is another command */
static size_t find_options(const struct shell_command *c, uint8_t *ret_family)
{
	for (size_t i = 0; i < c->n; i++) {
		*ret_family = (uint8_t)command_family(&c->word[i]);
		if (*ret_family)
			return i + 1;
		if (text_has_word("echo printf", c->word[i].text))
			return 0;
	}
	return 0;
}

int iptables_rule_read(const struct shell_command *c, enum iptables_table in,
		       bool in_save, struct iptables_rule *ret)
{
	struct iptables_reading x = {
		.rule = { .line = c->line, .table = in_save ? in : IPTABLES_FILTER }
	};
	size_t from = find_options(c, &x.family);
	bool bare = from == 0;

	if (bare && c->n < 2)
		return 0;
	/* a line of iptables-save may begin with a counter */
	if (bare)
		from = c->word[0].text[0] == '[';
	if (bare && c->word[from].text[0] != '-')
		return 0;
	take_options(&x, c->word + from, c->n - from);
	if (!x.adds)
		return 0;
	/* notes leave out "-t nat" where only it can be meant */
	if (bare && !in_save && !x.tabled && strcmp(x.rule.target, "DNAT") == 0)
		x.rule.table = IPTABLES_NAT;
	x.rule.text = strdup(c->text);
	x.rule.bad = x.why[0] ? strdup(x.why) : NULL;
	if (!x.rule.text || (x.why[0] && !x.rule.bad)) {
		iptables_rule_free(&x.rule);
		return -ENOMEM;
	}
	*ret = x.rule;
	return 1;
}

void iptables_rule_free(struct iptables_rule *r)
{
	free(r->text);
	free(r->bad);
	r->text = r->bad = NULL;
}
