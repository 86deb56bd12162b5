// SPDX-License-Identifier: GPL-2.0-or-later
/* import-iptables.c - forwards from iptables-save output, or from iptables commands in
 * notes and scripts */

#include "import-iptables.h"

#include "import-judge.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Theory of operation
 *
 * Rules are judged in the order in which the kernel asks them, because the first one that
 * fits has the packet. DNAT rules for other hosts' packets (PREROUTING) come first; those
 * for the host's own (OUTPUT) then only make a forward local, since a forward serves the
 * host by its own addresses anyway. At last the accepts in FORWARD narrow who may
 * connect: on a host that rejects the rest, which libvirt's does, nobody else could.
 */

/* Chains that other programs make for themselves */
bool judge_is_foreign(const char *chain)
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

int judge_left(struct judge *j, const char *reason)
{
	return import_note(&j->found, IMPORT_LEFT, j->rule->line, j->rule->text, "%s",
			   reason);
}

/* Rules of the table nat, but for DNAT */
static int take_nat(struct judge *j)
{
	const struct iptables_rule *r = j->rule;

	if (strcmp(r->target, "REDIRECT") == 0)
		return import_note(&j->found, IMPORT_SAID, r->line, r->text,
				   "leads to the host itself, not to a VM; keep it");
	if (text_has_word("MASQUERADE SNAT", r->target) &&
	    judge_is_guest(j, &r->match.to))
		return import_note(
			&j->found, IMPORT_SAID, r->line, r->text,
			"no longer needed: VMs reach themselves and each other by the host's address");
	if (r->bad && !*r->target && text_has_word("PREROUTING OUTPUT", r->chain))
		return judge_left(j, r->bad);
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
		return judge_left(j, r->bad);
	if (text_has_word("DROP REJECT", r->target) && m->from.n &&
	    !judge_is_guest(j, &m->from) && (m->to.n == 0 || judge_is_guest(j, &m->to)))
		return judge_left(
			j,
			"what a forward leads on is accepted before this rule; write in 'from' who may connect");
	if (!judge_is_guest(j, &m->to) && !iptables_is_jump(r))
		j->found.passed++;
	return 0;
}

static int take_rest(struct judge *j)
{
	int r = 0;

	for (size_t i = 0; i < j->all.n && r == 0; i++) {
		j->rule = &j->all.rule[i];
		if (judge_is_foreign(j->rule->chain) ||
		    judge_is_foreign(j->rule->target) || j->rule->table == IPTABLES_OTHER)
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
		r = judge_dnats(&j);
	if (r == 0)
		r = take_rest(&j);
	if (r == 0)
		r = judge_accepts(&j);
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
