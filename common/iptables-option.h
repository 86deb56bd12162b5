/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iptables-option.h - inside iptables-rule.c: the options of iptables, and what each says */
#pragma once

#include "base.h"
#include "iptables-rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct iptables_reading - One run of iptables_rule_read()
 * @rule:    Filled
 * @family:  Of the command, 0: not said
 * @adds:    -A, -I or -R was there
 * @tabled:  -t was there
 * @why:     What is wrong, "" nothing
 */
struct iptables_reading {
	struct iptables_rule rule;
	uint8_t family;
	bool adds, tabled;
	char why[WHY_LEN];
};

/**
 * struct iptables_option - What iptables understands, as far as forwards need it
 * @letter:  "-p": 'p'; 0 none
 * @name:    Without "--"
 * @take:    Called with its value, and whether "!" stands before it. NULL: it and its value
 *           say nothing about forwards
 * @words:   That follow it
 */
struct iptables_option {
	char letter;
	const char *name;
	void (*take)(struct iptables_reading *x, const char *value, bool invert);
	size_t words;
};

/**
 * iptables_option_find() - The option that a word is
 * @word:      "-p", "-ptcp", "--dport", "--dport=80"
 * @ret_value: What it has behind "=", or behind a letter; NULL nothing
 *
 * Return:     Borrowed; NULL: none that forwards need
 */
const struct iptables_option *iptables_option_find(const char *word,
						   const char **ret_value);

/**
 * iptables_missed() - Keep what the rule asks besides, as one would say it; only the first
 */
void iptables_missed(struct iptables_reading *x, const char *format, ...) PRINTF(2, 3);
