// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-vm.c - virt-handoff status VM for a person: all that is known of one */

#include "ctl-status.h"

#include "cards.h"
#include "names.h"
#include "print.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_SHOWN 50
#define WHERE_LEN  (2 * FORWARD_PORTS_LEN + IP_NET_LEN + 64)

static void print_head(const struct status_vm *vm)
{
	static const char *const states[] = {
		"runs", "is being started or stopped", "is off",
		"does not run, and something of it is left",
		"may run: libvirt's folder of running VMs is not there"
	};
	char name[NAME_LEN], file[NAME_LEN];

	status_say(0, TONE_PLAIN, "%s %s", status_cut(vm->name, NAME_SHOWN, name),
		   states[vm->state]);
	if (vm->busy[0])
		status_say(0, TONE_PLAIN, "busy      %s", vm->busy);
	status_say(0, TONE_PLAIN, "INI file  %s",
		   vm->file[0] ? status_cut(vm->file, NAME_SHOWN + 10, file) : "none");
	if (vm->uuid[0])
		status_say(0, TONE_PLAIN, "UUID      %s", vm->uuid);
}

static void name_of(const struct host *h, const char *bdf, char ret[static NAMES_LEN])
{
	struct card c;

	if (card_read(h, bdf, &c) == 0)
		names_of(c.id, ret);
	else
		snprintf(ret, NAMES_LEN, "is not there");
}

static int print_functions(const struct host *h, const struct status_vm *vm)
{
	static const char *const head[] = { "FUNCTION", "DRIVER", "NAME" };
	struct table t;
	int r;

	table_begin(&t, head, ARRAY_LEN(head));
	for (size_t i = 0; i < vm->ledger.n_claims; i++) {
		const struct status_function *f = &vm->function[i];
		char name[NAMES_LEN];

		name_of(h, f->name, name);
		table_row(&t, (const char *const[]){
				      f->name, f->driver[0] ? f->driver : "none", name });
	}
	if (t.n_cells)
		putchar('\n');
	r = table_print(&t, stdout);
	table_free(&t);
	return r;
}

static void format_seconds(uint64_t ms, char ret[static 32])
{
	snprintf(ret, 32, "%ju.%02ju s", (uintmax_t)(ms / 1000),
		 (uintmax_t)(ms % 1000 / 10));
}

static void print_handover(const struct status *s, const struct status_vm *vm)
{
	const struct ledger *l = &vm->ledger;
	uint64_t took, end = 0;
	char seconds[32];

	for (size_t i = 0; i < l->n_steps; i++)
		end = l->steps[i].at_ms > end ? l->steps[i].at_ms : end;
	if (!status_handover_ms(vm, &took)) {
		printf("\nhand-over: %zu steps, not all done\n", l->n_steps);
		return;
	}
	format_seconds(took, seconds);
	printf("\nhand-over: %zu step%s in %s", l->n_steps, l->n_steps == 1 ? "" : "s",
	       seconds);
	/* a recorded machine has another clock */
	if (s->here && s->now_ms >= end)
		printf(", %ju min ago", (uintmax_t)((s->now_ms - end) / 60000));
	putchar('\n');
}

static void add_step(struct table *t, const struct status_vm *vm, size_t i)
{
	const struct ledger_step *s = &vm->ledger.steps[i];
	const char *now = vm->step[i].now;
	char number[24], took[32] = "-", what[3 * STATE_LEN + TARGET_LEN];

	snprintf(number, sizeof(number), "%zu", i + 1);
	if (s->state == LEDGER_DID && s->at_ms >= s->began_ms)
		format_seconds(s->at_ms - s->began_ms, took);
	snprintf(what, sizeof(what), "%s %s: %s -> %s%s%s%s", s->step.kind,
		 s->step.target, s->step.from, s->step.to,
		 s->step.keep ? ", stays so" : "", now ? "; now " : "", now ?: "");
	table_row(t, (const char *const[]){ number, took, agree_word(vm->step[i].agree),
					    what });
}

static int print_steps(const struct status *s, const struct status_vm *vm)
{
	static const char *const head[] = { "STEP", "TOOK", "AGREES", "WHAT" };
	struct table t;
	int r;

	if (!vm->ledger.uuid[0])
		return 0;
	print_handover(s, vm);
	table_begin(&t, head, ARRAY_LEN(head));
	for (size_t i = 0; i < vm->ledger.n_steps; i++)
		add_step(&t, vm, i);
	r = table_print(&t, stdout);
	table_free(&t);
	return r;
}

static int print_vgpus(const struct status_vm *vm)
{
	static const char *const head[] = { "VGPU", "STATE", "WHAT" };
	struct table t;
	int r;

	table_begin(&t, head, ARRAY_LEN(head));
	for (size_t i = 0; i < vm->n_vgpus; i++) {
		const struct status_vgpu *v = &vm->vgpu[i];
		bool on_itself = strcmp(v->parent, v->id) == 0;
		char what[256];

		snprintf(what, sizeof(what), "%s%s%s%s%s",
			 v->type[0] ? v->type : v->asked, v->id[0] ? " " : "", v->id,
			 v->parent[0] && !on_itself ? " on " : "",
			 on_itself ? "" : v->parent);
		table_row(&t, (const char *const[]){ v->name, vgpu_state_word(v->state),
						     what });
	}
	if (t.n_cells)
		putchar('\n');
	r = table_print(&t, stdout);
	table_free(&t);
	return r;
}

void status_where(const struct forward *f, char *ret, size_t size)
{
	char ports[FORWARD_PORTS_LEN], guest[IP_LEN], where[IP_LEN + 4], from[IP_NET_LEN];
	bool v6 = f->guest.family && ip_size(&f->guest) == 16;

	forward_ports(f, ports);
	ip_format(&f->guest, guest);
	ip_net_format(&f->from, from);
	if (forward_waits(f))
		strcpy(where, "port");
	else
		snprintf(where, sizeof(where), v6 ? "[%s]:" : "%s:", guest);
	snprintf(ret, size, "%s -> %s%s%u%s%s%s", ports, where,
		 forward_waits(f) ? " " : "", f->to, f->from.ip.family ? " from " : "",
		 f->from.ip.family ? from : "", f->local ? ", also from the host" : "");
}

static int print_ports(const struct status_vm *vm)
{
	static const char *const head[] = { "FORWARD", "STATE", "WHERE" };
	struct table t;
	int r;

	table_begin(&t, head, ARRAY_LEN(head));
	for (size_t i = 0; i < vm->n_ports; i++) {
		const struct status_port *p = &vm->port[i];
		char where[WHERE_LEN];

		status_where(p->forward, where, sizeof(where));
		table_row(&t, (const char *const[]){ p->forward->name,
						     port_state_word(p->state), where });
	}
	if (t.n_cells)
		putchar('\n');
	r = table_print(&t, stdout);
	table_free(&t);
	return r;
}

int status_print_vm(const struct host *h, const struct status *s,
		    const struct status_vm *vm)
{
	int r;

	print_head(vm);
	r = print_functions(h, vm);
	if (r == 0)
		r = print_steps(s, vm);
	if (r == 0)
		r = print_vgpus(vm);
	if (r == 0)
		r = print_ports(vm);
	status_say_troubles(s, vm);
	names_forget();
	return r;
}
