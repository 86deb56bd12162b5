// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-read.c - the VMs that have an INI file, a ledger or forwards */

#include "ctl-status.h"

#include "clock.h"
#include "file.h"
#include "vms.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int status_trouble(struct status *s, struct status_vm *vm, const char *id,
		   const char *format, ...)
{
	struct trouble *more, new = { .id = id };
	char sentence[WHY_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	more = reallocarray(s->trouble, s->n_troubles + 1, sizeof(*more));
	if (more)
		s->trouble = more;
	new.vm = strdup(vm ? vm->name : "");
	new.text = strdup(sentence);
	if (!more || !new.vm || !new.text) {
		free(new.vm);
		free(new.text);
		return -ENOMEM;
	}
	more[s->n_troubles++] = new;
	if (vm)
		vm->n_troubles++;
	return 0;
}

/**
 * struct reading - One run of status_read()
 * @room:    For so many VMs there is memory
 * @last:    For status_vgpus()
 */
struct reading {
	struct host *h;
	struct status *s;
	size_t room;
	struct status_type last;
};

static struct status_vm *add_vm(struct reading *x, const char *name, const char *uuid)
{
	struct status *s = x->s;
	struct status_vm new = { .ledger = LEDGER_NONE };

	if (s->n == x->room) {
		size_t room = x->room ? 2 * x->room : 16;
		struct status_vm *more = reallocarray(s->vm, room, sizeof(*more));

		if (!more)
			return NULL;
		s->vm = more;
		x->room = room;
	}
	if (text_copy(new.name, sizeof(new.name), name) < 0 ||
	    text_copy(new.uuid, sizeof(new.uuid), uuid) < 0)
		return NULL;
	s->vm[s->n] = new;
	return &s->vm[s->n++];
}

/* what the INI file forwards, for a guest of either family whose address is not known */
static int add_asked(const struct conf_vm *c, struct forwards *asked)
{
	int r = 0;

	for (size_t i = 0; i < c->n_forwards && r == 0; i++) {
		const struct conf_forward *f = &c->forwards[i];
		struct ip guest = f->to;
		size_t before = asked->n;

		if (guest.family == 0)
			guest.family = AF_INET;
		r = forwards_add_conf(asked, f, &guest);
		if (r == 0 && asked->n == before && f->to.family == 0) {
			guest.family = AF_INET6;
			r = forwards_add_conf(asked, f, &guest);
		}
	}
	return r;
}

static int take_vm(struct vm *vm, const char *sentence, void *data)
{
	struct reading *x = data;
	struct status_vm *new;
	int r;

	if (!vm)
		return status_trouble(x->s, NULL, "unreadable", "%s", sentence);
	new = add_vm(x, vm->guest.name, vm->guest.uuid);
	if (!new)
		return -ENOMEM;
	r = text_copy(new->file, sizeof(new->file), vm->conf.shown);
	if (r == 0)
		r = add_asked(&vm->conf, &new->asked);
	return r < 0 ? r
		     : status_vgpus(x->h, &vm->conf, vm->defined ? &vm->guest : NULL, new,
				    &x->last);
}

static int by_name(const void *a, const void *b)
{
	const struct status_vm *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ?: x->replaced - y->replaced ?: strcmp(x->uuid, y->uuid);
}

static void sort(struct status *s)
{
	if (s->n)
		qsort(s->vm, s->n, sizeof(*s->vm), by_name);
}

/* the first of that name among the first @n, which are sorted */
static struct status_vm *find_name(const struct status *s, size_t n, const char *name)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(s->vm[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && strcmp(s->vm[low].name, name) == 0 ? &s->vm[low] : NULL;
}

/* of several with one name (what is left of a VM, and the one that has its name now) */
static struct status_vm *find_uuid(const struct status *s, size_t n, const char *name,
				   const char *uuid)
{
	struct status_vm *vm = find_name(s, n, name);

	for (; vm && vm < s->vm + n && strcmp(vm->name, name) == 0; vm++)
		if (strcmp(vm->uuid, uuid) == 0)
			return vm;
	return NULL;
}

/**
 * struct ledgers_reading - Ledgers while they are read; the first @sorted VMs are
 */
struct ledgers_reading {
	struct reading *x;
	size_t sorted;
};

static int take_ledger(const char *uuid, void *data)
{
	struct ledgers_reading *q = data;
	struct reading *x = q->x;
	struct ledger l = LEDGER_NONE;
	struct status_vm *vm, *named;
	char sentence[WHY_LEN];
	bool replaced;
	int r = uuid[0] == '.' ? -ENOENT : ledger_read(x->h, uuid, &l, sentence);

	if (r < 0)
		return r == -ENOENT
			       ? 0
			       : status_trouble(x->s, NULL, "unreadable", "%s", sentence);
	vm = find_uuid(x->s, q->sorted, l.name, l.uuid);
	named = vm ? NULL : find_name(x->s, q->sorted, l.name);
	replaced = named && named->uuid[0];
	/* an INI file without a VM has no UUID */
	if (named && !named->uuid[0])
		vm = named;
	/* two VMs that had one name, one after the other */
	if (!vm || vm->ledger.uuid[0])
		vm = add_vm(x, l.name, l.uuid);
	if (!vm) {
		ledger_free(&l);
		return -ENOMEM;
	}
	vm->replaced = replaced;
	vm->ledger = l;
	return text_copy(vm->uuid, sizeof(vm->uuid), l.uuid);
}

static int read_ledgers(struct reading *x)
{
	struct ledgers_reading q = { x, x->s->n };
	int r = x->h->run < 0 ? 0 : file_each(x->h->run, "ledger", take_ledger, &q);

	sort(x->s);
	return r == -ENOENT ? 0 : r;
}

static int read_books(struct reading *x)
{
	struct books books;
	char sentence[WHY_LEN];
	size_t sorted = x->s->n;
	int r = books_read(x->h, &books, sentence);

	if (r < 0)
		return r;
	if (sentence[0])
		r = status_trouble(x->s, NULL, "unreadable", "%s", sentence);
	for (size_t i = 0; i < books.n && r == 0; i++) {
		struct book *b = &books.book[i];
		struct status_vm *vm = find_uuid(x->s, sorted, b->forwards.vm, b->uuid);

		/* forwards are under the VM's name alone */
		if (!vm)
			vm = find_name(x->s, sorted, b->forwards.vm);
		if (!vm)
			vm = add_vm(x, b->forwards.vm, b->uuid);
		if (!vm) {
			r = -ENOMEM;
			break;
		}
		vm->book = *b;
		*b = (struct book){ 0 };
	}
	books_free(&books);
	sort(x->s);
	return r;
}

/* without root the folder is there and cannot be opened: nothing would be said of anybody */
static int check_run(const struct host *h, char ret_why[static WHY_LEN])
{
	if (h->run >= 0 || !file_exists(h->root, "run/virt-handoff"))
		return 0;
	why(ret_why, "/run/virt-handoff cannot be opened: run this as root");
	return -EACCES;
}

int status_read(struct ctl *c, struct status *ret, char ret_why[static WHY_LEN])
{
	struct status s = { .here = ctl_is_here(c), .now_ms = clock_ms() };
	struct reading x = { .h = &c->host, .s = &s };
	int r = check_run(&c->host, ret_why);

	if (r < 0)
		return r;
	r = vms_each_named(&c->host, take_vm, &x);
	sort(&s);
	if (r == 0)
		r = read_ledgers(&x);
	if (r == 0)
		r = read_books(&x);
	if (r == 0)
		r = status_judge(&c->host, &s);
	if (r == 0)
		r = status_ports(&c->host, &s);
	if (r == 0)
		r = status_early_read(&c->host, &s);
	if (r < 0) {
		why(ret_why, "what VMs have cannot be looked at: %s", strerror(-r));
		status_free(&s);
		return r;
	}
	*ret = s;
	return 0;
}

struct status_vm *status_vm(const struct status *s, const char *name)
{
	/* first: a VM may be called by the UUID of another one */
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->vm[i].uuid, name) == 0 && name[0])
			return &s->vm[i];
	return find_name(s, s->n, name);
}

static void free_vm(struct status_vm *vm)
{
	for (size_t i = 0; vm->step && i < vm->ledger.n_steps; i++)
		free(vm->step[i].now);
	ledger_free(&vm->ledger);
	book_free(&vm->book);
	forwards_free(&vm->asked);
	free(vm->function);
	free(vm->step);
	free(vm->vgpu);
	free(vm->port);
}

void status_free(struct status *s)
{
	for (size_t i = 0; i < s->n; i++)
		free_vm(&s->vm[i]);
	for (size_t i = 0; i < s->n_troubles; i++) {
		free(s->trouble[i].vm);
		free(s->trouble[i].text);
	}
	free(s->vm);
	free(s->trouble);
	free(s->early);
	free(s->record);
	*s = (struct status){ 0 };
}
