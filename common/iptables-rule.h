/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iptables-rule.h - one iptables command, or one line of iptables-save, as a rule */
#pragma once

#include "base.h"
#include "ip.h"
#include "shell-words.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#define IPTABLES_NETS_MAX  16
#define IPTABLES_PORTS_MAX 16 /* multiport takes 15 */
#define IPTABLES_CHAIN_LEN 32 /* XT_EXTENSION_MAXNAMELEN is 29 */

enum iptables_table { IPTABLES_FILTER, IPTABLES_NAT, IPTABLES_OTHER };

/**
 * struct iptables_nets - Networks of -s or -d; none: every address
 */
struct iptables_nets {
	struct ip_net net[IPTABLES_NETS_MAX];
	size_t n;
};

/**
 * struct iptables_ports - A port, or a range of --dport
 */
struct iptables_ports {
	uint16_t lo, hi;
};

/**
 * struct iptables_match - Which packets a rule is for
 * @proto:    IANA number, 0: all
 * @from:     -s
 * @to:       -d
 * @in:       -i, "" any; "! -i" is left out
 * @out:      -o
 * @port:     --dport or --dports, @n_port; none: all
 * @old:      Only packets of connections that are there already
 * @missed:   What it asks besides, as one would say it, "" nothing
 */
struct iptables_match {
	uint8_t proto;
	struct iptables_nets from, to;
	char in[IF_NAMESIZE], out[IF_NAMESIZE];
	struct iptables_ports port[IPTABLES_PORTS_MAX];
	size_t n_port;
	bool old;
	char missed[48];
};

/**
 * struct iptables_to - --to-destination
 * @ip:       Address; family 0: none, or only a port was written
 * @lo, @hi:  Ports; 0: as they came
 * @base:     Port of --dport that becomes @lo, 0: not written
 */
struct iptables_to {
	struct ip ip;
	uint16_t lo, hi, base;
};

/**
 * struct iptables_rule - One rule
 * @line:     Where it stands
 * @text:     Owned. Its line for a message
 * @bad:      Owned. NULL, or what is wrong with it and what to write; then the rest may
 * be half of it
 * @table:    Which
 * @chain:    Which
 * @head:     Put in before the others (-I)
 * @match:    For which packets
 * @target:   "DNAT", "ACCEPT", a chain, "" none
 * @to:       Of a DNAT
 */
struct iptables_rule {
	unsigned int line;
	char *text;
	char *bad;
	enum iptables_table table;
	char chain[IPTABLES_CHAIN_LEN];
	bool head;
	struct iptables_match match;
	char target[IPTABLES_CHAIN_LEN];
	struct iptables_to to;
};

/**
 * iptables_table_of() - Table that "nat" or "*nat" names
 */
enum iptables_table iptables_table_of(const char *name);

/**
 * iptables_rule_read() - Read the words of a command
 * @c:        Command
 * @in:       Table of iptables-save that the line stands in, IPTABLES_OTHER also when
 * none
 * @in_save:  Whether it stands in one
 * @ret:      Filled when a rule is added; owned by the caller, iptables_rule_free()
 *
 * sudo and other words before iptables are passed over.
 *
 * Return:    1 it adds a rule, 0 it is something else, -ENOMEM
 * Source:    iptables(8), iptables-extensions(8)
 */
int iptables_rule_read(const struct shell_command *c, enum iptables_table in,
		       bool in_save, struct iptables_rule *ret) MUST_CHECK;

void iptables_rule_free(struct iptables_rule *r);
