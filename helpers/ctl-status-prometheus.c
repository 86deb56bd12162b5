// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-prometheus.c - virt-handoff status --prometheus: node_exporter's text format */

#include "ctl-status.h"

#include "version.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Source: Prometheus, docs/instrumenting/exposition_formats.md, "Text-based format": all lines
 * of one metric stand together, below HELP and TYPE; in a label's value \, " and a newline are
 * escaped, and it is UTF-8; no two lines have the same labels
 */

/* one label, with the comma or brace in front of it */
static void label(const char *before, const char *name, const char *value)
{
	printf("%s%s=\"", before, name);
	for (const char *c = value; *c;) {
		size_t n = out_character(c);

		if (n == 0) {
			putchar('?');
			n = 1;
		} else if (*c == '\n') {
			printf("\\n");
		} else {
			if (*c == '"' || *c == '\\')
				putchar('\\');
			fwrite(c, 1, n, stdout);
		}
		c += n;
	}
	putchar('"');
}

static void seconds(uint64_t ms)
{
	printf("} %" PRIu64 ".%03" PRIu64 "\n", ms / 1000, ms % 1000);
}

/* a leftover and a VM that came after it may have one name: the labels would be the same */
static bool is_second(const struct status *s, size_t i)
{
	return i > 0 && strcmp(s->vm[i - 1].name, s->vm[i].name) == 0;
}

static void put_info(const struct status *s, const char *name)
{
	(void)s;
	printf("%s", name);
	label("{", "version", VERSION);
	printf("} 1\n");
}

static void put_agrees(const struct status *s, const char *name)
{
	printf("%s %d\n", name, s->n_troubles == 0);
}

static void put_troubles(const struct status *s, const char *name)
{
	printf("%s %zu\n", name, s->n_troubles);
}

static void put_vms(const struct status *s, const char *name)
{
	for (int state = VM_RUNNING; state <= VM_UNKNOWN; state++) {
		size_t n = 0;

		for (size_t i = 0; i < s->n; i++)
			n += s->vm[i].state == (enum vm_state)state;
		printf("%s", name);
		label("{", "state", vm_state_word((enum vm_state)state));
		printf("} %zu\n", n);
	}
}

static void put_vm_agrees(const struct status_vm *vm, const char *name)
{
	printf("%s", name);
	label("{", "vm", vm->name);
	printf("} %d\n", vm->n_troubles == 0);
}

static void put_running(const struct status_vm *vm, const char *name)
{
	printf("%s", name);
	label("{", "vm", vm->name);
	printf("} %d\n", vm->state == VM_RUNNING);
}

static void put_functions(const struct status_vm *vm, const char *name)
{
	for (size_t i = 0; i < vm->ledger.n_claims; i++) {
		printf("%s", name);
		label("{", "vm", vm->name);
		label(",", "function", vm->function[i].name);
		label(",", "driver", vm->function[i].driver);
		printf("} %d\n", vm->function[i].there);
	}
}

static void put_vgpus(const struct status_vm *vm, const char *name)
{
	for (int state = VGPU_THERE; state <= VGPU_SILENT && vm->n_vgpus; state++) {
		size_t n = 0;

		for (size_t i = 0; i < vm->n_vgpus; i++)
			n += vm->vgpu[i].state == (enum vgpu_state)state;
		printf("%s", name);
		label("{", "vm", vm->name);
		label(",", "state", vgpu_state_word((enum vgpu_state)state));
		printf("} %zu\n", n);
	}
}

static void put_forwards(const struct status_vm *vm, const char *name)
{
	for (int state = PORT_OPEN; state <= PORT_OFF && vm->n_ports; state++) {
		size_t n = 0;

		for (size_t i = 0; i < vm->n_ports; i++)
			n += vm->port[i].state == (enum port_state)state;
		printf("%s", name);
		label("{", "vm", vm->name);
		label(",", "state", port_state_word((enum port_state)state));
		printf("} %zu\n", n);
	}
}

static void put_handover(const struct status_vm *vm, const char *name)
{
	uint64_t ms;

	if (!status_handover_ms(vm, &ms))
		return;
	printf("%s", name);
	label("{", "vm", vm->name);
	seconds(ms);
}

static void put_steps(const struct status_vm *vm, const char *name)
{
	for (size_t i = 0; i < vm->ledger.n_steps; i++) {
		const struct ledger_step *step = &vm->ledger.steps[i];
		char number[24];

		if (step->state != LEDGER_DID || step->at_ms < step->began_ms)
			continue;
		snprintf(number, sizeof(number), "%zu", i + 1);
		printf("%s", name);
		label("{", "vm", vm->name);
		label(",", "step", number);
		label(",", "kind", step->step.kind);
		label(",", "target", step->step.target);
		seconds(step->at_ms - step->began_ms);
	}
}

static void put_leftovers(const struct status *s, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->vm[i].state == VM_LEFT;
	printf("%s %zu\n", name, n);
}

static void put_early(const struct status *s, const char *name)
{
	static const char *const outcomes[] = { "taken", "pinned", "left", "absent",
						"failed" };

	for (size_t o = 0; o < ARRAY_LEN(outcomes); o++) {
		size_t n = 0;

		for (size_t i = 0; i < s->n_early; i++)
			n += strcmp(s->early[i].outcome, outcomes[o]) == 0;
		printf("%s", name);
		label("{", "outcome", outcomes[o]);
		printf("} %zu\n", n);
	}
}

static const struct {
	const char *name, *help;
	void (*put)(const struct status *s, const char *name);
	void (*put_vm)(const struct status_vm *vm, const char *name);
} metrics[] = {
	{ "virt_handoff_info", "Which virt-handoff this is.", .put = put_info },
	{ "virt_handoff_agrees", "Whether all is as ledgers and INI files say.",
	  .put = put_agrees },
	{ "virt_handoff_troubles", "How many things virt-handoff status says to look at.",
	  .put = put_troubles },
	{ "virt_handoff_vms", "VMs with an INI file, a ledger or forwards.",
	  .put = put_vms },
	{ "virt_handoff_vm_agrees", "Whether what a VM has is as it should be.",
	  .put_vm = put_vm_agrees },
	{ "virt_handoff_vm_running", "Whether libvirt says that the VM runs.",
	  .put_vm = put_running },
	{ "virt_handoff_function",
	  "Function that a VM has, with its driver now; 0: it is gone.",
	  .put_vm = put_functions },
	{ "virt_handoff_vgpus", "vGPUs that a VM asks for.", .put_vm = put_vgpus },
	{ "virt_handoff_forwards", "Forwarded port ranges of a VM.",
	  .put_vm = put_forwards },
	{ "virt_handoff_handover_seconds",
	  "How long the last hand-over to a VM that has devices took.",
	  .put_vm = put_handover },
	{ "virt_handoff_handover_step_seconds", "How long each step of it took.",
	  .put_vm = put_steps },
	{ "virt_handoff_leftovers",
	  "VMs that do not run, and of which something was not taken back.",
	  .put = put_leftovers },
	{ "virt_handoff_early_functions", "Functions asked for at boot.",
	  .put = put_early },
};

int status_prometheus(const struct status *s)
{
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
		printf("# HELP %s %s\n# TYPE %s gauge\n", metrics[i].name,
		       metrics[i].help, metrics[i].name);
		if (metrics[i].put)
			metrics[i].put(s, metrics[i].name);
		for (size_t k = 0; metrics[i].put_vm && k < s->n; k++)
			if (!is_second(s, k))
				metrics[i].put_vm(&s->vm[k], metrics[i].name);
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -EIO;
}
