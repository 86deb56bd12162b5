// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding.c - a VM gets its forwards, keeps them, and loses them */

#include "forwarding-parts.h"

#include "file.h"
#include "iface.h"
#include "lock.h"
#include "running.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* a change takes milliseconds; libvirt holds the VM's lock while we wait */
#define WAIT_MS 10000

#define FOLDER "etc/virt-handoff"

/* ---- what is there ---- */

static int read_host(struct forwarding *x, char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd)
	int dir = openat(x->h->root, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0) {
		r = -errno;
		why(ret_why, "/" FOLDER " cannot be opened: %s", strerror(-r));
		return r;
	}
	return conf_host_read(dir, &x->conf, ret_why);
}

/* Nothing goes or is put right by what host.ini says: there it need not be readable. */
void forwarding_say(const struct forwarding *x, enum log_level level,
		    const char *sentence)
{
	if (x->found)
		findings_remark(x->found, "%s", sentence);
	else
		x->rep->say(level, sentence);
}

int forwarding_look(struct forwarding *x, bool wanted, bool here,
		    char ret_why[static WHY_LEN])
{
	int r = read_host(x, ret_why);

	if (r < 0 && wanted)
		return r;
	if (r < 0)
		forwarding_say(x, LOG_LEVEL_ERR, ret_why);
	x->blind = r < 0;
	r = books_read(x->h, &x->books, ret_why);
	if (r < 0)
		return r;
	if (ret_why[0])
		forwarding_say(x, LOG_LEVEL_ERR, ret_why);
	r = here ? iface_read(&x->ifaces) : 0;
	if (r < 0)
		why(ret_why, "the host's addresses cannot be read: %s", strerror(-r));
	return r;
}

void forwarding_forget(struct forwarding *x)
{
	books_free(&x->books);
	iface_free(&x->ifaces);
}

static struct book *find_book(struct forwarding *x, const char *vm)
{
	for (size_t i = 0; i < x->books.n; i++)
		if (strcmp(x->books.book[i].forwards.vm, vm) == 0)
			return &x->books.book[i];
	return NULL;
}

/* ---- events ---- */

int forwarding_open_book(struct forwarding *x, const struct guest *g, struct book **ret)
{
	struct book *more, *b = find_book(x, g->name);
	struct guest_nic *nics = NULL;

	if (!b) {
		more = reallocarray(x->books.book, x->books.n + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		x->books.book = more;
		b = &more[x->books.n++];
		*b = (struct book){ 0 };
		memcpy(b->uuid, g->uuid, sizeof(b->uuid));
		forwards_name(&b->forwards, g->name, g->uuid);
	}
	if (g->n_nics) {
		nics = reallocarray(NULL, g->n_nics, sizeof(*nics));
		if (!nics)
			return -ENOMEM;
		memcpy(nics, g->nics, g->n_nics * sizeof(*nics));
	}
	/* each becomes a field of a line, and the name of a file */
	for (size_t i = 0; i < g->n_nics; i++) {
		if (!text_is_name(nics[i].network))
			nics[i].network[0] = '\0';
		if (!text_is_name(nics[i].bridge))
			nics[i].bridge[0] = '\0';
	}
	free(b->nics);
	b->nics = nics;
	b->n_nics = g->n_nics;
	*ret = b;
	return 0;
}

static int lock(struct host *h, const struct forwarding_report *rep, struct lock *l,
		char ret_why[static WHY_LEN])
{
	int r = host_make_run(h);

	if (r < 0) {
		why(ret_why, "/run/virt-handoff cannot be made: %s", file_why(r));
		return r;
	}
	r = lock_take(h, BOOK_LOCK, rep->who, WAIT_MS, l, ret_why);
	if (r == 0)
		book_sweep(h);
	return r;
}

static int claim(struct forwarding *x, const struct guest *g, const struct conf_vm *c,
		 pid_t daemon, char ret_why[static WHY_LEN])
{
	struct forwards plan = { 0 };
	struct book *b;
	int r = forwarding_look(x, true, true, ret_why);

	if (r < 0)
		return r;
	forwarding_clear(x, g->name);
	r = forwarding_open_book(x, g, &b);
	if (r == 0)
		r = forwarding_plan(x, c, b, true, &plan, ret_why);
	if (r < 0)
		return r;
	for (size_t i = 0; i < plan.n; i++)
		forward_set_waiting(&plan.list[i]);
	forwards_free(&b->forwards);
	b->forwards = plan;
	b->daemon = daemon;
	return forwarding_write(x, b, ret_why);
}

int forwarding_claim(struct host *h, const struct guest *g, const struct conf_vm *c,
		     pid_t daemon, const struct forwarding_report *rep,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock l = LOCK_NONE;
	struct forwarding x = { .h = h, .rep = rep };
	int r;

	if (c->n_forwards == 0)
		return 0;
	r = lock(h, rep, &l, ret_why);
	if (r == 0)
		r = claim(&x, g, c, daemon, ret_why);
	forwarding_forget(&x);
	for (size_t i = 0; r < 0 && i < c->n_forwards; i++)
		if (c->forwards[i].required)
			return r;
	if (r < 0)
		rep->say(LOG_LEVEL_ERR, ret_why);
	return 0;
}

/*
 * A claim stays what the VM has until something else comes of it: nobody takes the ports while
 * its INI file or host.ini cannot be read.
 */
static int begin(struct forwarding *x, struct book *b, char ret_why[static WHY_LEN])
{
	struct forwards claimed = { 0 };
	bool changed = x->changed;
	int r = 0;

	x->begins = b->daemon;
	x->changed = false;
	b->daemon = 0;
	if (x->begins)
		r = forwards_copy(&b->forwards, &claimed);
	else /* also with nothing in it: it may get an address, or forwards, while it runs */
		r = forwarding_write(x, b, ret_why);
	if (r == 0)
		r = forwarding_update(x, b, ret_why);
	if (r == 0 && x->begins && !x->changed)
		r = forwarding_write(x, b, ret_why);
	if (r == 0 && !x->stays)
		forwarding_say_waits(x, &claimed, &b->forwards);
	x->begins = false;
	x->changed |= changed;
	forwards_free(&claimed);
	return r;
}

static int start(struct forwarding *x, const struct guest *g,
		 char ret_why[static WHY_LEN])
{
	struct book *b;
	int r = forwarding_look(x, false, true, ret_why);

	if (r < 0)
		return r;
	forwarding_clear(x, g->name);
	r = forwarding_open_book(x, g, &b);
	if (r == 0)
		r = begin(x, b, ret_why);
	return r == 0 && !x->changed ? forwarding_put_right(x, ret_why) : r;
}

/* A VM without an INI file is none of our business. */
static bool is_concerned(struct host *h, const struct guest *g)
{
	struct book b = { 0 };
	char unused[WHY_LEN];
	struct conf_vm c = { 0 };
	int r = book_read(h, g->name, &b, unused);

	book_free(&b);
	if (r != -ENOENT)
		return true;
	r = conf_vm_find(h->root, g->name, g->uuid, &c, unused);
	conf_vm_free(&c);
	return r != -ENOENT;
}

int forwarding_start(struct host *h, const struct guest *g,
		     const struct forwarding_report *rep, char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock l = LOCK_NONE;
	struct forwarding x = { .h = h, .rep = rep };
	int r;

	if (!is_concerned(h, g))
		return 0;
	r = lock(h, rep, &l, ret_why);
	if (r == 0)
		r = start(&x, g, ret_why);
	forwarding_forget(&x);
	return r;
}

static int stop(struct forwarding *x, const char *vm, char ret_why[static WHY_LEN])
{
	struct book *b;
	int r = forwarding_look(x, false, true, ret_why);

	if (r < 0)
		return r;
	forwarding_clear(x, vm);
	b = find_book(x, vm);
	return b ? forwarding_drop(x, b, ret_why) : 0;
}

int forwarding_stop(struct host *h, const char *vm, const struct forwarding_report *rep,
		    char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock l = LOCK_NONE;
	struct forwarding x = { .h = h, .rep = rep };
	struct book b = { 0 };
	int r = book_read(h, vm, &b, ret_why);
	bool none = r == -ENOENT;

	book_free(&b);
	if (none && !book_is_half(h))
		return 0;
	r = lock(h, rep, &l, ret_why);
	if (r == 0 && !none)
		r = stop(&x, vm, ret_why);
	forwarding_forget(&x);
	return none ? 0 : r;
}

/*
 * Whether a VM runs that has no more than a claim: its `started` could not be had, because the
 * lock was held for too long, or was killed. What it claimed comes now.
 */
static bool has_started(const struct forwarding *x, const struct book *b)
{
	return b->daemon && running_vm_seen(x->h, b->forwards.vm);
}

static int repair(struct forwarding *x, bool reread, char ret_why[static WHY_LEN])
{
	char sentence[WHY_LEN] = "out of memory";
	int r = forwarding_look(x, false, true, ret_why);

	if (r < 0)
		return r;
	forwarding_clear(x, "");
	for (size_t i = 0; i < x->books.n; i++) {
		struct book *b = &x->books.book[i];

		r = 0;
		if (has_started(x, b))
			r = begin(x, b, sentence);
		else if (reread && !b->daemon)
			r = forwarding_update(x, b, sentence);
		if (r < 0)
			x->rep->say(LOG_LEVEL_ERR, sentence);
	}
	return forwarding_put_right(x, ret_why);
}

int forwarding_repair(struct host *h, bool reread, const struct forwarding_report *rep,
		      bool *ret_changed, char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock l = LOCK_NONE;
	struct forwarding x = { .h = h, .rep = rep };
	int r = lock(h, rep, &l, ret_why);

	if (r == 0)
		r = repair(&x, reread, ret_why);
	*ret_changed = x.changed;
	forwarding_forget(&x);
	return r;
}
