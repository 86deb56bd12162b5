// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-text.c - virt-handoff status for a person: a line a VM, and what to look at */

#include "ctl-status.h"

#include "print.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_SHOWN 30 /* columns; what is longer would leave no room for the rest */
#define GPUS_SHOWN 3
#define HOLDS_LEN  160

const char *status_cut(const char *name, size_t most, char ret[static NAME_LEN])
{
	size_t columns = 0, cut = 0, i;

	for (i = 0; name[i]; i++) {
		if (((unsigned char)name[i] & 0xc0) == 0x80)
			continue;
		if (columns++ == most - 3)
			cut = i;
	}
	if (columns <= most)
		cut = i;
	snprintf(ret, NAME_LEN, "%.*s%s", (int)cut, name, name[cut] ? "..." : "");
	return ret;
}

const char *status_address(const char *bdf)
{
	return strncmp(bdf, "0000:", 5) == 0 ? bdf + 5 : bdf;
}

static void add(char *text, const char *format, ...) PRINTF(2, 3);

static void add(char *text, const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + len, HOLDS_LEN - len, format, args);
	va_end(args);
}

/* the GPUs; of a VM that has none, all functions */
static void add_functions(const struct status_vm *vm, char *text)
{
	size_t gpus = 0, shown = 0, all;

	for (size_t i = 0; i < vm->ledger.n_claims; i++)
		gpus += vm->function[i].gpu;
	all = gpus ?: vm->ledger.n_claims;
	for (size_t i = 0; i < vm->ledger.n_claims && shown < GPUS_SHOWN; i++)
		if (!gpus || vm->function[i].gpu)
			add(text, "%s%s", shown++ ? " " : "",
			    status_address(vm->function[i].name));
	if (all > shown)
		add(text, " and %zu more", all - shown);
}

static void add_vgpus(const struct status_vm *vm, char *text)
{
	size_t there = 0;

	for (size_t i = 0; i < vm->n_vgpus; i++)
		there += vm->vgpu[i].state == VGPU_THERE;
	if (there == 0 && vm->state != VM_RUNNING)
		return;
	add(text, "%s", text[0] ? ", " : "");
	if (there < vm->n_vgpus)
		add(text, "%zu of ", there);
	add(text, "%zu vGPU%s", vm->n_vgpus, vm->n_vgpus == 1 ? "" : "s");
}

static void add_ports(const struct status_vm *vm, char *text)
{
	size_t n[PORT_OFF + 1] = { 0 }, all = vm->n_ports;

	for (size_t i = 0; i < vm->n_ports; i++)
		n[vm->port[i].state]++;
	if (all == n[PORT_OFF])
		return;
	add(text, "%s%zu forward%s", text[0] ? ", " : "", all, all == 1 ? "" : "s");
	if (n[PORT_WAITS])
		add(text, ", %zu wait%s", n[PORT_WAITS], n[PORT_WAITS] == 1 ? "s" : "");
	if (n[PORT_REFUSED])
		add(text, ", %zu refused", n[PORT_REFUSED]);
}

static const char *agrees(const struct status_vm *vm)
{
	if (vm->n_troubles)
		return "no";
	return vm->state == VM_OFF || vm->state == VM_STARTING ? "-" : "yes";
}

static void add_row(struct table *t, const struct status_vm *vm)
{
	char name[NAME_LEN], holds[HOLDS_LEN] = "";

	add_functions(vm, holds);
	if (vm->n_vgpus)
		add_vgpus(vm, holds);
	if (vm->n_ports)
		add_ports(vm, holds);
	table_row(t, (const char *const[]){ status_cut(vm->name, NAME_SHOWN, name),
					    vm_state_word(vm->state), agrees(vm),
					    holds[0] ? holds : "-" });
}

void status_say(unsigned int indent, enum tone tone, const char *format, ...)
{
	char text[WHY_LEN + NAME_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_clean(text);
	printf("%*s%s", (int)indent, "", tone_begin(tone));
	print_wrapped(stdout, indent + 2, text);
	printf("%s", tone_end());
}

/* those of one VM, or all; returns how many */
size_t status_say_troubles(const struct status *s, const struct status_vm *only)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_troubles; i++) {
		if (only && strcmp(s->trouble[i].vm, only->name) != 0)
			continue;
		if (n++ == 0)
			printf("\nlook at:\n");
		status_say(2, TONE_WARNING, "%s", s->trouble[i].text);
	}
	return n;
}

static void print_early(const struct status *s)
{
	size_t taken = 0, pinned = 0;

	for (size_t i = 0; i < s->n_early; i++) {
		taken += strcmp(s->early[i].outcome, "taken") == 0;
		pinned += strcmp(s->early[i].outcome, "pinned") == 0;
	}
	if (s->n_early)
		printf("\nat boot: %zu of %zu functions taken early", taken, s->n_early);
	if (pinned)
		printf(", %zu kept for VFIO", pinned);
	if (s->n_early)
		printf("\n");
}

int status_print(const struct status *s)
{
	static const char *const head[] = { "VM", "STATE", "AGREES", "HOLDS" };
	struct table t;
	int r;

	table_begin(&t, head, ARRAY_LEN(head));
	for (size_t i = 0; i < s->n; i++)
		add_row(&t, &s->vm[i]);
	r = table_print(&t, stdout);
	table_free(&t);
	if (s->n == 0)
		status_say(
			0, TONE_PLAIN,
			"no VM has an INI file, a ledger or forwards: virt-handoff new VM writes a file");
	print_early(s);
	status_say_troubles(s, NULL);
	return r;
}
