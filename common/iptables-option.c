// SPDX-License-Identifier: GPL-2.0-or-later
/* iptables-option.c - the options of iptables, and what each says of a rule */

#include "iptables-option.h"

#include "iptables-value.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void iptables_missed(struct iptables_reading *x, const char *format, ...)
{
	char *to = x->rule.match.missed;
	va_list args;

	if (*to)
		return;
	va_start(args, format);
	vsnprintf(to, sizeof(x->rule.match.missed), format, args);
	va_end(args);
}

static void copy_name(struct iptables_reading *x, char *to, size_t size,
		      const char *value)
{
	if (text_copy(to, size, value) < 0 && !x->why[0])
		why(x->why, "'%.40s...' is too long for a name", value);
}

static void take_chain(struct iptables_reading *x, const char *value, bool invert)
{
	(void)invert;
	x->adds = true;
	copy_name(x, x->rule.chain, sizeof(x->rule.chain), value);
}

static void take_head(struct iptables_reading *x, const char *value, bool invert)
{
	take_chain(x, value, invert);
	x->rule.head = true;
}

static void take_table(struct iptables_reading *x, const char *value, bool invert)
{
	(void)invert;
	x->tabled = true;
	x->rule.table = iptables_table_of(value);
}

static void take_proto(struct iptables_reading *x, const char *value, bool invert)
{
	if (invert)
		iptables_missed(x, "all protocols but %s", value);
	else if (!x->why[0])
		(void)!iptables_proto_read(value, &x->rule.match.proto, x->why);
}

static void take_nets(struct iptables_reading *x, struct iptables_nets *nets,
		      const char *value)
{
	if (!x->why[0])
		(void)!iptables_nets_read(value, x->family, nets, x->why);
}

static void take_from(struct iptables_reading *x, const char *value, bool invert)
{
	if (invert)
		iptables_missed(x, "all clients but %.30s", value);
	else
		take_nets(x, &x->rule.match.from, value);
}

static void take_to(struct iptables_reading *x, const char *value, bool invert)
{
	if (invert)
		iptables_missed(x, "all addresses but %.28s", value);
	else
		take_nets(x, &x->rule.match.to, value);
}

/* "! -i virbr0" kept a guest's own connections out: those are to addresses of others */
static void take_in(struct iptables_reading *x, const char *value, bool invert)
{
	if (!invert)
		copy_name(x, x->rule.match.in, sizeof(x->rule.match.in), value);
}

static void take_out(struct iptables_reading *x, const char *value, bool invert)
{
	if (!invert)
		copy_name(x, x->rule.match.out, sizeof(x->rule.match.out), value);
}

static void take_ports(struct iptables_reading *x, const char *value, bool invert)
{
	if (invert)
		iptables_missed(x, "all ports but %.30s", value);
	else if (!x->why[0])
		(void)!iptables_ports_read(value, &x->rule.match, x->why);
}

static void take_sport(struct iptables_reading *x, const char *value, bool invert)
{
	(void)invert;
	iptables_missed(x, "port %.20s of the client", value);
}

static void take_states(struct iptables_reading *x, const char *value, bool invert)
{
	bool has = strstr(value, "NEW") || strstr(value, "DNAT");

	x->rule.match.old = x->rule.match.old || has == invert;
}

static void take_type(struct iptables_reading *x, const char *value, bool invert)
{
	if (invert || strcmp(value, "LOCAL") != 0)
		iptables_missed(x, "addresses of type %.20s", value);
}

static void take_match(struct iptables_reading *x, const char *value, bool invert)
{
	static const char plain[] =
		"tcp udp sctp multiport comment conntrack state addrtype";

	(void)invert;
	if (!text_has_word(plain, value))
		iptables_missed(x, "the match '%.20s'", value);
}

static void take_target(struct iptables_reading *x, const char *value, bool invert)
{
	(void)invert;
	copy_name(x, x->rule.target, sizeof(x->rule.target), value);
}

static void take_destination(struct iptables_reading *x, const char *value, bool invert)
{
	(void)invert;
	if (!x->why[0])
		(void)!iptables_to_read(value, x->family, &x->rule.to, x->why);
}

/* Abbreviations as getopt_long(3) lets people write them stand with their option. */
static const struct iptables_option options[] = {
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

const struct iptables_option *iptables_option_find(const char *word,
						   const char **ret_value)
{
	const char *name = word + 2;
	size_t len = word[1] == '-' ? strcspn(name, "=") : 0;

	*ret_value = NULL;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const struct iptables_option *o = &options[i];

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
