// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-list-ports.c - virt-handoff list ports: which ports of this host lead to which VM */

#include "ctl-list.h"

#include "log.h"

#include <stdio.h>

#define NAME_SHOWN 16
#define WHERE_LEN  256

static int print_table(const struct status *s)
{
	static const char *const head[] = { "VM", "FORWARD", "STATE", "WHERE" };
	struct table t;
	int r;

	table_begin(&t, head, ARRAY_LEN(head));
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->vm[i].n_ports; k++) {
			const struct status_port *p = &s->vm[i].port[k];
			char vm[NAME_LEN], name[NAME_LEN], where[WHERE_LEN];

			status_where(p->forward, where, sizeof(where));
			table_row(&t,
				  (const char *const[]){
					  status_cut(s->vm[i].name, NAME_SHOWN, vm),
					  status_cut(p->forward->name, NAME_SHOWN, name),
					  port_state_word(p->state), where });
		}
	if (t.n_cells == 0 && !t.failed)
		printf("no port leads to a VM\n");
	r = table_print(&t, stdout);
	table_free(&t);
	return r;
}

static int print_json(const struct status *s)
{
	CLEANUP(out_free) struct out *o = out_new();

	out_array(o, "ports");
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->vm[i].n_ports; k++)
			status_put_port(o, s->vm[i].name, &s->vm[i].port[k]);
	out_end(o);
	return out_print(o, stdout);
}

int ctl_list_ports(struct ctl *c, int argc, char *argv[])
{
	char sentence[WHY_LEN];
	struct status s;
	int r;

	(void)argv;
	if (argc > 1)
		return ctl_usage("list ports");
	r = status_read(c, &s, sentence);
	if (r < 0) {
		log_err("%s", sentence);
		return CTL_FAILED;
	}
	r = c->json ? print_json(&s) : print_table(&s);
	status_free(&s);
	return r < 0 ? (log_errno(r, "list ports"), CTL_FAILED) : CTL_DONE;
}
