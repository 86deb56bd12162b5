// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-json.c - virt-handoff status --json */

#include "ctl-status.h"

#include "out.h"

#include <errno.h>
#include <string.h>

/* null where there is nothing */
static void text(struct out *o, const char *key, const char *value)
{
	out_text(o, key, value && value[0] ? value : NULL);
}

static void put_functions(struct out *o, const struct status_vm *vm)
{
	out_array(o, "functions");
	for (size_t i = 0; i < vm->ledger.n_claims; i++) {
		const struct status_function *f = &vm->function[i];

		out_object(o, NULL);
		out_text(o, "address", f->name);
		text(o, "driver", f->driver);
		out_bool(o, "there", f->there);
		out_bool(o, "gpu", f->gpu);
		out_end(o);
	}
	out_end(o);
}

static void put_step(struct out *o, const struct status_vm *vm, size_t i)
{
	static const char *const records[] = { "planned", "will", "did", "back",
					       "undid" };
	const struct ledger_step *s = &vm->ledger.steps[i];

	out_object(o, NULL);
	out_text(o, "kind", s->step.kind);
	out_text(o, "target", s->step.target);
	out_text(o, "from", s->step.from);
	out_text(o, "to", s->step.to);
	out_bool(o, "kept", s->step.keep);
	out_text(o, "record", records[s->state]);
	out_text(o, "agrees", agree_word(vm->step[i].agree));
	if (vm->step[i].now)
		out_text(o, "now", vm->step[i].now);
	if (s->state == LEDGER_DID)
		out_number(o, "took_ms", (int64_t)(s->at_ms - s->began_ms));
	out_end(o);
}

static void put_handover(struct out *o, const struct status_vm *vm)
{
	uint64_t ms;

	if (!vm->ledger.uuid[0]) {
		out_text(o, "handover", NULL);
		return;
	}
	out_object(o, "handover");
	if (status_handover_ms(vm, &ms))
		out_number(o, "took_ms", (int64_t)ms);
	out_array(o, "steps");
	for (size_t i = 0; i < vm->ledger.n_steps; i++)
		put_step(o, vm, i);
	out_end(o);
	out_end(o);
}

static void put_vgpus(struct out *o, const struct status_vm *vm)
{
	out_array(o, "vgpus");
	for (size_t i = 0; i < vm->n_vgpus; i++) {
		const struct status_vgpu *v = &vm->vgpu[i];

		out_object(o, NULL);
		out_text(o, "name", v->name);
		out_text(o, "state", vgpu_state_word(v->state));
		text(o, "id", v->id);
		text(o, "parent", v->parent);
		text(o, "type", v->type);
		text(o, "asked", v->asked);
		out_end(o);
	}
	out_end(o);
}

void status_put_port(struct out *o, const char *vm, const struct status_port *p)
{
	const struct forward *f = p->forward;
	char listen[IP_LEN], guest[IP_LEN], from[IP_NET_LEN];

	ip_format(&f->listen, listen);
	ip_format(&f->guest, guest);
	ip_net_format(&f->from, from);
	out_object(o, NULL);
	if (vm)
		out_text(o, "vm", vm);
	out_text(o, "name", f->name);
	out_text(o, "state", port_state_word(p->state));
	out_text(o, "protocol", proto_name(f->proto));
	out_text(o, "listen", f->listen.family ? listen : NULL);
	out_number(o, "first_port", f->lo);
	out_number(o, "last_port", f->hi);
	out_text(o, "guest", forward_waits(f) ? NULL : guest);
	out_number(o, "guest_port", f->to);
	out_text(o, "from", f->from.ip.family ? from : NULL);
	out_bool(o, "local", f->local);
	out_end(o);
}

static void put_vm(struct out *o, const struct status_vm *vm)
{
	out_object(o, NULL);
	out_text(o, "name", vm->name);
	text(o, "uuid", vm->uuid);
	text(o, "file", vm->file);
	out_text(o, "state", vm_state_word(vm->state));
	text(o, "busy", vm->busy);
	out_bool(o, "agrees", vm->n_troubles == 0);
	put_functions(o, vm);
	put_handover(o, vm);
	put_vgpus(o, vm);
	out_array(o, "forwards");
	for (size_t i = 0; i < vm->n_ports; i++)
		status_put_port(o, NULL, &vm->port[i]);
	out_end(o);
	out_end(o);
}

static void put_early(struct out *o, const struct status *s)
{
	out_array(o, "early");
	for (size_t i = 0; i < s->n_early; i++) {
		const struct status_early *e = &s->early[i];

		out_object(o, NULL);
		out_text(o, "address", e->name);
		out_text(o, "outcome", e->outcome);
		out_text(o, "reason", e->text);
		text(o, "driver", e->driver);
		out_end(o);
	}
	out_end(o);
}

static void put_troubles(struct out *o, const struct status *s,
			 const struct status_vm *only)
{
	out_array(o, "troubles");
	for (size_t i = 0; i < s->n_troubles; i++) {
		const struct trouble *t = &s->trouble[i];

		if (only && strcmp(t->vm, only->name) != 0)
			continue;
		out_object(o, NULL);
		out_text(o, "id", t->id);
		text(o, "vm", t->vm);
		out_text(o, "text", t->text);
		out_end(o);
	}
	out_end(o);
}

int status_json(const struct status *s, const struct status_vm *only)
{
	CLEANUP(out_free) struct out *o = out_new();

	out_array(o, "vms");
	for (size_t i = 0; i < s->n; i++)
		if (!only || only == &s->vm[i])
			put_vm(o, &s->vm[i]);
	out_end(o);
	if (!only)
		put_early(o, s);
	put_troubles(o, s, only);
	return out_print(o, stdout);
}
