// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-judge.c - what VMs are said to have, compared with what is there */

#include "ctl-status.h"

#include "file.h"
#include "inventory.h"
#include "lock.h"
#include "running.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RUNNING "run/libvirt/qemu"
/* from the end of the hand-over until libvirt writes down that the VM runs */
#define STARTING_MS 30000

const char *vm_state_word(enum vm_state s)
{
	static const char *const words[] = { "running", "starting", "off", "left",
					     "unknown" };

	return words[s];
}

static uint64_t last_record_ms(const struct ledger *l)
{
	uint64_t last = 0;

	for (size_t i = 0; i < l->n_steps; i++)
		if (l->steps[i].at_ms > last)
			last = l->steps[i].at_ms;
	return last;
}

static bool is_starting(const struct host *h, const struct status *s,
			const struct status_vm *vm)
{
	const struct book *b = &vm->book;

	if (vm->busy[0])
		return true;
	if (b->daemon && running_process(h, (uint64_t)b->daemon))
		return true;
	/* a recorded machine has another clock */
	return s->here && vm->ledger.uuid[0] &&
	       last_record_ms(&vm->ledger) + STARTING_MS > s->now_ms;
}

static enum vm_state state_of(const struct host *h, const struct status *s,
			      const struct status_vm *vm, bool is_known)
{
	if (!is_known)
		return VM_UNKNOWN;
	if (vm->replaced)
		return vm->busy[0] ? VM_STARTING : VM_LEFT;
	/* of a recorded machine not all processes are known */
	if (s->here ? running_vm_seen(h, vm->name) : running_vm(h, vm->name))
		return VM_RUNNING;
	if (!vm->ledger.uuid[0] && !vm->book.uuid[0])
		return VM_OFF;
	return is_starting(h, s, vm) ? VM_STARTING : VM_LEFT;
}

/* these two are all that a list of many needs; card_read() looks at more */
static void look_at(const struct host *h, struct status_function *f)
{
	char path[PATH_LEN], class[16];
	uint64_t number;

	if (text_format(path, sizeof(path), "sys/bus/pci/devices/%s/class", f->name) <
		    0 ||
	    file_read(h->root, path, class, sizeof(class)) <= 0 ||
	    text_hex(class, 0xffffff, &number) < 0)
		return;
	f->there = true;
	f->gpu = CLASS_BASE(number) == CLASS_DISPLAY ||
		 CLASS_BASE(number) == CLASS_ACCELERATOR;
	if (text_format(path, sizeof(path), "sys/bus/pci/devices/%s/driver", f->name) <
		    0 ||
	    file_link_name(h->root, path, f->driver, sizeof(f->driver)) < 0)
		f->driver[0] = '\0';
}

static int look_at_functions(const struct host *h, struct status_vm *vm)
{
	const struct ledger *l = &vm->ledger;

	vm->function = calloc(l->n_claims + 1, sizeof(*vm->function));
	if (!vm->function)
		return -ENOMEM;
	for (size_t i = 0; i < l->n_claims; i++) {
		strcpy(vm->function[i].name, l->claims[i]);
		look_at(h, &vm->function[i]);
	}
	return 0;
}

/* the override behind the name of a driver is not compared */
static int shown_length(const struct step *s)
{
	return (int)(strcmp(s->kind, "driver") == 0 ? strcspn(s->to, " ")
						    : strlen(s->to));
}

static int judge_step(struct host *h, struct status *s, struct status_vm *vm, size_t i)
{
	const struct step *step = &vm->ledger.steps[i].step;
	char now[STATE_LEN];

	vm->step[i].agree = agree_step(h, &vm->ledger.steps[i], now);
	if (vm->step[i].agree == AGREE_GONE)
		return status_trouble(s, vm, "gone", "%s: %s %s is not there any more",
				      vm->name, step->kind, step->target);
	if (vm->step[i].agree != AGREE_NO)
		return 0;
	vm->step[i].now = strdup(now);
	if (!vm->step[i].now)
		return -ENOMEM;
	return status_trouble(
		s, vm, "changed",
		"%s: %s %s: somebody has changed it from %.*s to %s; it will stay so when the VM stops",
		vm->name, step->kind, step->target, shown_length(step), step->to, now);
}

/* of a VM that is being started or stopped nothing is wrong yet */
static int judge_steps(struct host *h, struct status *s, struct status_vm *vm)
{
	const struct ledger *l = &vm->ledger;
	size_t open = 0;
	int r = 0;

	vm->step = calloc(l->n_steps + 1, sizeof(*vm->step));
	if (!vm->step)
		return -ENOMEM;
	for (size_t i = 0; i < l->n_steps && r == 0; i++) {
		vm->step[i].agree = AGREE_OPEN;
		open += l->steps[i].state != LEDGER_DID;
		if (vm->state != VM_STARTING && vm->state != VM_LEFT)
			r = judge_step(h, s, vm, i);
	}
	if (r < 0 || open == 0 || vm->state != VM_RUNNING || vm->busy[0])
		return r;
	return status_trouble(
		s, vm, "unfinished",
		"%s runs, but %zu of the %zu steps of its hand-over were not done, or were given back: virsh shutdown, and start it again",
		vm->name, open, l->n_steps);
}

static int judge_leftover(struct status *s, struct status_vm *vm)
{
	const struct ledger *l = &vm->ledger;
	size_t open = 0;

	for (size_t i = 0; i < l->n_steps; i++)
		open += l->steps[i].state != LEDGER_UNDID;
	if (vm->replaced)
		return status_trouble(
			s, vm, "leftover",
			"%s was defined anew, and what the former one had was not taken back (functions: %zu, steps: %zu); mend it with: virt-handoff undo %s",
			vm->name, l->n_claims, open, l->uuid);
	return status_trouble(
		s, vm, "leftover",
		"%s does not run, and was not taken back (functions: %zu, steps: %zu, forwards: %zu); mend it with: virt-handoff undo %s",
		vm->name, l->n_claims, open, vm->book.forwards.n,
		text_typed(vm->name, l->uuid));
}

static int judge_vgpu(struct status *s, struct status_vm *vm, struct status_vgpu *v)
{
	if (vm->state == VM_RUNNING && v->state == VGPU_LATER)
		v->state = VGPU_MISSING;
	if (v->state == VGPU_MISSING)
		return status_trouble(
			s, vm, "vgpu-missing",
			"%s: vGPU %s%s%s, is not there; mend it with: virt-handoff repair",
			vm->name, v->name, v->id[0] ? ", " : "", v->id);
	if (v->state == VGPU_SILENT)
		return status_trouble(
			s, vm, "vgpu-silent",
			"%s: the driver of vGPU %s, %s, does not answer: look at dmesg, and restart the host if it stays so",
			vm->name, v->name, v->id);
	if (v->state != VGPU_OTHER)
		return 0;
	return status_trouble(
		s, vm, "vgpu-type",
		"%s: vGPU %s, %s, is %s, and %s asks for %s: remove it where no VM uses it, or correct the file",
		vm->name, v->name, v->id, v->type, vm->file, v->asked);
}

static int judge_vm(struct host *h, struct status *s, struct status_vm *vm, bool is_known)
{
	int r;

	if (!vm->uuid[0] || !lock_holder(h, vm->uuid, vm->busy, sizeof(vm->busy)))
		vm->busy[0] = '\0';
	vm->state = state_of(h, s, vm, is_known);
	r = look_at_functions(h, vm);
	if (r == 0)
		r = judge_steps(h, s, vm);
	if (r == 0 && vm->state == VM_LEFT)
		r = judge_leftover(s, vm);
	if (vm->state == VM_STARTING)
		return r;
	for (size_t i = 0; i < vm->n_vgpus && r == 0; i++)
		r = judge_vgpu(s, vm, &vm->vgpu[i]);
	return r;
}

int status_judge(struct host *h, struct status *s)
{
	bool is_known = file_exists(h->root, RUNNING);
	int r = 0;

	for (size_t i = 0; i < s->n && r == 0; i++)
		r = judge_vm(h, s, &s->vm[i], is_known);
	return r;
}

bool status_handover_ms(const struct status_vm *vm, uint64_t *ret_ms)
{
	const struct ledger *l = &vm->ledger;
	uint64_t first = UINT64_MAX, last = 0;

	for (size_t i = 0; i < l->n_steps; i++) {
		const struct ledger_step *s = &l->steps[i];

		if (s->state != LEDGER_DID)
			return false;
		first = s->began_ms < first ? s->began_ms : first;
		last = s->at_ms > last ? s->at_ms : last;
	}
	if (l->n_steps == 0)
		return false;
	*ret_ms = last > first ? last - first : 0;
	return true;
}
