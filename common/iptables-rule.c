// SPDX-License-Identifier: GPL-2.0-or-later
/* iptables-rule.c - one iptables command, or one line of iptables-save, as a rule */

#include "iptables-rule.h"

#include "iptables-value.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/**
 * struct reading - One run of iptables_rule_read()
 * @rule:    Filled
 * @family:  Of the command, 0: not said
 * @adds:    -A, -I or -R was there
 * @tabled:  -t was there
 * @why:     What is wrong, "" nothing
 */
struct reading {
	struct iptables_rule rule;
	uint8_t family;
	bool adds, tabled;
	char why[WHY_LEN];
};

/**
 * struct option - What iptables understands, as far as forwards need it
 * @letter:  "-p": 'p'; 0 none
 * @name:    Without "--"
 * @take:    NULL: it and its value say nothing about forwards
 * @words:   That follow it
 */
struct option {
	char letter;
	const char *name;
	void (*take)(struct reading *x, const char *value, bool not );
	size_t words;
};

static void PRINTF(2, 3) missed(struct reading *x, const char *format, ...)
{
	char *to = x->rule.match.missed;
	va_list args;

	if (*to)
		return;
	va_start(args, format);
	vsnprintf(to, sizeof(x->rule.match.missed), format, args);
	va_end(args);
}

static void copy_name(struct reading *x, char *to, size_t size, const char *value)
{
	if (text_copy(to, size, value) < 0 && !x->why[0])
		why(x->why, "'%.40s...' is too long for a name", value);
}

static void take_chain(struct reading *x, const char *value, bool not )
{
	(void)not ;
	x->adds = true;
	copy_name(x, x->rule.chain, sizeof(x->rule.chain), value);
}

static void take_head(struct reading *x, const char *value, bool not )
{
	take_chain(x, value, not );
	x->rule.head = true;
}

static void take_table(struct reading *x, const char *value, bool not )
{
	(void)not ;
	x->tabled = true;
	x->rule.table = iptables_table_of(value);
}

static void take_proto(struct reading *x, const char *value, bool not )
{
	if (not )
		missed(x, "all protocols but %s", value);
	else if (!x->why[0])
		(void)!iptables_proto_read(value, &x->rule.match.proto, x->why);
}

static void take_nets(struct reading *x, struct iptables_nets *nets, const char *value)
{
	if (!x->why[0])
		(void)!iptables_nets_read(value, x->family, nets, x->why);
}

static void take_from(struct reading *x, const char *value, bool not )
{
	if (not )
		missed(x, "all clients but %.30s", value);
	else
		take_nets(x, &x->rule.match.from, value);
}

static void take_to(struct reading *x, const char *value, bool not )
{
	if (not )
		missed(x, "all addresses but %.28s", value);
	else
		take_nets(x, &x->rule.match.to, value);
}

/* "! -i virbr0" kept a guest's own connections out: those are to addresses of others */
static void take_in(struct reading *x, const char *value, bool not )
{
	if (!not )
		copy_name(x, x->rule.match.in, sizeof(x->rule.match.in), value);
}

static void take_out(struct reading *x, const char *value, bool not )
{
	if (!not )
		copy_name(x, x->rule.match.out, sizeof(x->rule.match.out), value);
}

static void take_ports(struct reading *x, const char *value, bool not )
{
	if (not )
		missed(x, "all ports but %.30s", value);
	else if (!x->why[0])
		(void)!iptables_ports_read(value, &x->rule.match, x->why);
}

static void take_sport(struct reading *x, const char *value, bool not )
{
	(void)not ;
	missed(x, "port %.20s of the client", value);
}

static void take_states(struct reading *x, const char *value, bool not )
{
	bool has = strstr(value, "NEW") || strstr(value, "DNAT");

	x->rule.match.old = x->rule.match.old || has == not ;
}

static void take_type(struct reading *x, const char *value, bool not )
{
	if (not || strcmp(value, "LOCAL") != 0)
		missed(x, "addresses of type %.20s", value);
}

static void take_match(struct reading *x, const char *value, bool not )
{
	static const char plain[] =
		"tcp udp sctp multiport comment conntrack state addrtype";

	(void)not ;
	if (!text_has_word(plain, value))
		missed(x, "the match '%.20s'", value);
}

static void take_target(struct reading *x, const char *value, bool not )
{
	(void)not ;
	copy_name(x, x->rule.target, sizeof(x->rule.target), value);
}

static void take_destination(struct reading *x, const char *value, bool not )
{
	(void)not ;
	if (!x->why[0])
		(void)!iptables_to_read(value, x->family, &x->rule.to, x->why);
}

/* Abbreviations as getopt_long(3) lets people write them stand with their option. */
static const struct option options[] = {
	{ 'A', "append", take_chain, 1 },
	{ 'I', "insert", take_head, 1 },
	{ 'R', "replace", take_chain, 1 },
	{ 't', "table", take_table, 1 },
	{ 'p', "protocol", take_proto, 1 },
	{ 0, "proto", take_proto, 1 },
	{ 's', "source", take_from, 1 },
	{ 0, "src", take_from, 1 },
	{ 'd', "destination", take_to, 1 },
	{ 0, "dst", take_to, 1 },
	{ 'i', "in-interface", take_in, 1 },
	{ 'o', "out-interface", take_out, 1 },
	{ 0, "dport", take_ports, 1 },
	{ 0, "destination-port", take_ports, 1 },
	{ 0, "dports", take_ports, 1 },
	{ 0, "destination-ports", take_ports, 1 },
	{ 0, "sport", take_sport, 1 },
	{ 0, "source-port", take_sport, 1 },
	{ 0, "sports", take_sport, 1 },
	{ 0, "source-ports", take_sport, 1 },
	{ 0, "ports", take_sport, 1 },
	{ 0, "state", take_states, 1 },
	{ 0, "ctstate", take_states, 1 },
	{ 0, "dst-type", take_type, 1 },
	{ 'm', "match", take_match, 1 },
	{ 'j', "jump", take_target, 1 },
	{ 'g', "goto", take_target, 1 },
	{ 0, "to-destination", take_destination, 1 },
	{ 0, "to-dest", take_destination, 1 },
	{ 0, "to", take_destination, 1 },
	{ 0, "comment", NULL, 1 },
	{ 0, "ctstatus", NULL, 1 },
	{ 0, "ctproto", NULL, 1 },
	{ 0, "ctdir", NULL, 1 },
	{ 0, "ctorigdst", NULL, 1 },
	{ 0, "ctorigdstport", NULL, 1 },
	{ 0, "modprobe", NULL, 1 },
	{ 'c', "set-counters", NULL, 2 },
	{ 0, "random", NULL, 0 },
	{ 0, "persistent", NULL, 0 },
	{ 0, "syn", NULL, 0 },
	{ 'v', "verbose", NULL, 0 },
	{ 'n', "numeric", NULL, 0 },
	{ '4', "ipv4", NULL, 0 },
	{ '6', "ipv6", NULL, 0 },
	{ 'w', "wait", NULL, 0 }, /* a number may follow */
	{ 'W', "wait-interval", NULL, 1 },
};

enum iptables_table iptables_table_of(const char *name)
{
	name += *name == '*';
	if (strcmp(name, "nat") == 0)
		return IPTABLES_NAT;
	return strcmp(name, "filter") == 0 ? IPTABLES_FILTER : IPTABLES_OTHER;
}

/* The option of a word; @ret_value: what it has behind "=", or behind a letter */
static const struct option *find_option(const char *word, const char **ret_value)
{
	const char *name = word + 2;
	size_t len = word[1] == '-' ? strcspn(name, "=") : 0;

	*ret_value = NULL;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const struct option *o = &options[i];

		if (len && strlen(o->name) == len && memcmp(o->name, name, len) == 0) {
			*ret_value = name[len] ? name + len + 1 : NULL;
			return o;
		}
		if (!len && o->letter && word[1] == o->letter) {
			*ret_value = o->words && *name ? name : NULL;
			return o;
		}
	}
	return NULL;
}

static bool is_option(const struct shell_word *w)
{
	return w->text[0] == '-' && w->text[1] && !isdigit((unsigned char)w->text[1]);
}

static bool is_not(const struct shell_word *w)
{
	return strcmp(w->text, "!") == 0;
}

static void take_unknown(struct reading *x, const struct shell_word *w)
{
	if (!x->why[0])
		why(x->why,
		    "'%.100s' has a value that is not in the text; write it instead of the name",
		    w->text);
}

/* One option with its values; returns how many words that was */
static size_t take_option(struct reading *x, const struct shell_word *w, size_t n,
			  bool not )
{
	const char *value;
	const struct option *o = find_option(w->text, &value);
	size_t used = 1, want;

	if (!o) {
		missed(x, "the option '%.20s'", w->text);
		while (used < n && !is_option(&w[used]) && !is_not(&w[used]))
			used++;
		return used;
	}
	want = o->words - (value != NULL);
	if (o->take && value && w->unknown)
		take_unknown(x, w);
	else if (o->take && value)
		o->take(x, value, not );
	if (want == 0 || value)
		return used;
	if (used < n && is_not(&w[used])) {
		not = true;
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
		o->take(x, w[used].text, not );
	return used + want;
}

static void take_options(struct reading *x, const struct shell_word *w, size_t n)
{
	bool not = false;

	for (size_t i = 0; i < n;) {
		if (is_not(&w[i])) {
			not = true;
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
		i += take_option(x, &w[i], n - i, not );
		not = false;
	}
}

/* What stands for iptables: 4, 6, or 0 when it is something else */
static int command_family(const struct shell_word *w)
{
	static const char *const names[] = { "tables", "tables-nft", "tables-legacy" };
	const char *slash = strrchr(w->text, '/'), *name = slash ? slash + 1 : w->text;
	const char *rest = name + 2;

	/* $IPT, ${IPTABLES}: the value is in a file that this one reads */
	if (w->unknown && strcasestr(name, "ipt"))
		return AF_INET;
	if (w->unknown && strcasestr(name, "ip6t"))
		return AF_INET6;
	if (strncmp(name, "ip", 2) != 0)
		return 0;
	rest += *rest == '6';
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

static const char *trim_counter(const struct shell_command *c)
{
	return c->n && c->word[0].text[0] == '[' ? c->word[1].text : c->word[0].text;
}

int iptables_rule_read(const struct shell_command *c, enum iptables_table in,
		       bool in_save, struct iptables_rule *ret)
{
	struct reading x = { .rule = { .line = c->line,
				       .table = in_save ? in : IPTABLES_FILTER } };
	size_t from = find_options(c, &x.family);
	bool bare = from == 0;

	/* a line of iptables-save may begin with a counter */
	if (bare && c->n > 1 && c->word[0].text[0] == '[')
		from = 1;
	if (bare && (c->n < 2 || *trim_counter(c) != '-'))
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
