// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-ports.c - the forwards of all VMs, those too that could not be had */

#include "ctl-status.h"

#include "forward-index.h"
#include "forwarding.h"
#include "lock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *port_state_word(enum port_state s)
{
	static const char *const words[] = { "open", "waits", "refused", "off" };

	return words[s];
}

static int by_ports(const void *a, const void *b)
{
	const struct forward *x = *(const struct forward *const *)a;
	const struct forward *y = *(const struct forward *const *)b;
	int order = strcmp(x->name, y->name);

	if (order == 0)
		order = x->proto - y->proto;
	if (order == 0)
		order = x->lo - y->lo;
	if (order == 0)
		order = x->hi - y->hi;
	return order ?: memcmp(x->listen.bytes, y->listen.bytes, sizeof(x->listen.bytes));
}

static bool are_same_ports(const struct forward *a, const struct forward *b)
{
	return by_ports(&a, &b) == 0;
}

static void add(struct status_vm *vm, const struct forward *f, enum port_state state)
{
	vm->port[vm->n_ports++] = (struct status_port){ f, state };
}

/* what the VM has, sorted; a range that clients of several networks may use is there once */
static size_t take_book(struct status_vm *vm, const struct forward **sorted)
{
	const struct forwards *have = &vm->book.forwards;

	for (size_t i = 0; i < have->n; i++)
		sorted[i] = &have->list[i];
	if (have->n)
		qsort(sorted, have->n, sizeof(*sorted), by_ports);
	for (size_t i = 0; i < have->n; i++)
		add(vm, sorted[i], forward_waits(sorted[i]) ? PORT_WAITS : PORT_OPEN);
	return have->n;
}

static int list_ports(struct status_vm *vm)
{
	size_t most = vm->book.forwards.n + vm->asked.n + 1, n;
	CLEANUP(free_ptr)
	const struct forward **sorted = calloc(most, sizeof(struct forward *));
	bool runs =
		vm->state == VM_RUNNING || (vm->state == VM_UNKNOWN && vm->book.uuid[0]);

	vm->port = calloc(most, sizeof(*vm->port));
	if (!sorted || !vm->port)
		return -ENOMEM;
	n = take_book(vm, sorted);
	for (size_t i = 0; i < vm->asked.n; i++) {
		const struct forward *f = &vm->asked.list[i];

		if (i > 0 && are_same_ports(f, &vm->asked.list[i - 1]))
			continue;
		if (!n || !bsearch(&f, sorted, n, sizeof(*sorted), by_ports))
			add(vm, f, runs ? PORT_REFUSED : PORT_OFF);
	}
	return 0;
}

/* the forwards of all that run, when somebody has to be named */
static int index_all(const struct status *s, struct forward_index **ret)
{
	struct forward_index *x = *ret ? NULL : calloc(1, sizeof(*x));
	int r = 0;

	if (*ret)
		return 0;
	if (!x)
		return -ENOMEM;
	for (size_t i = 0; i < s->n && r == 0; i++)
		r = forward_index_add_all(x, &s->vm[i].book.forwards);
	*ret = x;
	return r;
}

static int say_refused(struct status *s, struct status_vm *vm, const struct forward *f,
		       struct forward_index **all)
{
	char ports[FORWARD_PORTS_LEN];
	const struct forwards *other = NULL;
	int r = index_all(s, all);

	if (r < 0)
		return r;
	forward_ports(f, ports);
	if (forward_index_find(*all, f, forward_collides, &other))
		return status_trouble(
			s, vm, "forward-refused",
			"%s: [forward %s] has not got %s, which %s has: choose another port in %s",
			vm->name, f->name, ports, other->vm, vm->file);
	return status_trouble(
		s, vm, "forward-refused",
		"%s: [forward %s] has not got %s: journalctl -t virt-handoff says why",
		vm->name, f->name, ports);
}

static int judge_ports(struct host *h, struct status *s, struct status_vm *vm,
		       struct forward_index **all)
{
	char unused[NAME_LEN];
	int r = 0;

	/* whatever it got, libvirt's event for its start would have made the file */
	if (vm->state == VM_RUNNING && vm->asked.n && !vm->book.uuid[0])
		return status_trouble(
			s, vm, "forwards-missing",
			"%s runs without any of the forwards of %s: it was started before that file was there, or without our hooks (virt-handoff check); start it again",
			vm->name, vm->file);
	for (size_t i = 0; i < vm->n_ports && r == 0; i++)
		if (vm->port[i].state == PORT_REFUSED)
			r = say_refused(s, vm, vm->port[i].forward, all);
	if (r == 0 && vm->book.doubt &&
	    !lock_holder(h, BOOK_LOCK, unused, sizeof(unused)))
		r = status_trouble(
			s, vm, "forward-doubt",
			"%s: a change of its forwards was begun and not ended; mend it with: virt-handoff repair",
			vm->name);
	return r;
}

/* the rules are for all VMs together, so what is wrong with them is said of the host */
static int judge_kernel(struct host *h, struct status *s)
{
	char sentence[WHY_LEN];
	bool same;
	int r = forwarding_check(h, &same, sentence);

	if (r < 0)
		return status_trouble(s, NULL, "forwards-unknown",
				      "the rules of forwards cannot be looked at: %s",
				      sentence);
	return same ? 0
		    : status_trouble(
			      s, NULL, "forwards-changed",
			      "somebody else has changed the rules of forwards; mend it with: virt-handoff repair, and see that virt-handoff-watch runs");
}

int status_ports(struct host *h, struct status *s)
{
	struct forward_index *all = NULL;
	int r = 0;

	for (size_t i = 0; i < s->n && r == 0; i++)
		r = list_ports(&s->vm[i]);
	for (size_t i = 0; i < s->n && r == 0; i++)
		if (s->vm[i].state != VM_STARTING)
			r = judge_ports(h, s, &s->vm[i], &all);
	if (r == 0 && s->here)
		r = judge_kernel(h, s);
	if (all)
		forward_index_free(all);
	free(all);
	return r;
}
