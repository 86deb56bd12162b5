// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding-change.c - forwards of a VM are written down, and the kernel gets them */

#include "forwarding-parts.h"

#include "conntrack.h"
#include "fw.h"
#include "localnet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* of one VM, each with a line in the log; of more, only how many */
#define LINES_MAX 32

static void say(const struct forwarding *x, enum log_level level, const char *sentence)
{
	x->rep->say(level, sentence);
}

/* Lists of all VMs but one, and @with at the end when it is not NULL; borrowed */
static struct forwards *others(const struct forwarding *x, const char *except,
			       const struct forwards *with, size_t *ret_n)
{
	struct forwards *list = calloc(x->books.n + 1, sizeof(*list));

	*ret_n = 0;
	for (size_t i = 0; list && i < x->books.n; i++)
		if (strcmp(x->books.book[i].forwards.vm, except) != 0)
			list[(*ret_n)++] = x->books.book[i].forwards;
	if (list && with)
		list[(*ret_n)++] = *with;
	return list;
}

/* A host where no VM has forwards need not have nf_tables, and does not get it loaded. */
static bool is_needed(const struct fw_request *q, const struct forwards *lists, size_t n)
{
	bool needed = (q->vm && !q->old) || forwards_any(q->old);

	for (size_t i = 0; i < n && !needed; i++)
		needed = forwards_any(&lists[i]);
	return needed;
}

/*
 * One batch for the kernel. route_localnet is off before the rule that guards it goes,
 * and on after it has come.
 */
static int commit(struct forwarding *x, struct fw_request *q, const char *vm,
		  char ret_why[static WHY_LEN])
{
	CLEANUP(free_ptr) struct forwards *lists = NULL;
	struct fw_result done = { 0 };
	size_t n = 0;
	int r;

	lists = others(x, vm, q->now, &n);
	if (!lists)
		return -ENOMEM;
	if (!is_needed(q, lists, n))
		return 0;
	q->mark = x->conf.firewall.mark;
	q->others = lists;
	q->n_others = q->now ? n - 1 : n;
	r = localnet_set(x->h, lists, n, false);
	if (r == 0)
		r = fw_apply(q, &done, ret_why);
	else
		why(ret_why, "route_localnet cannot be switched off: %s", strerror(-r));
	if (r < 0)
		return r;
	r = localnet_set(x->h, lists, n, true);
	if (r < 0)
		why(ret_why, "route_localnet cannot be switched on: %s", strerror(-r));
	if (done.blocked)
		say(x, LOG_LEVEL_WARNING,
		    "libvirt's rules stand above DOCKER-USER, which has rules of its own: forwards are stopped there; restart Docker, or accept what you want in DOCKER-USER");
	x->changed |= done.tries > 0;
	return r;
}

static void say_forward(const struct forwarding *x, const char *vm, bool added,
			const struct forward *f)
{
	char sentence[WHY_LEN], ports[FORWARD_PORTS_LEN], guest[IP_LEN];

	forward_ports(f, ports);
	ip_format(&f->guest, guest);
	if (!forward_waits(f))
		why(sentence, "forward %s of %s: %s -> %s port %u %s", f->name, vm, ports,
		    guest, f->to, added ? "added" : "removed");
	else if (added)
		why(sentence, "forward %s of %s: %s waits until the VM has an address",
		    f->name, vm, ports);
	else
		return;
	say(x, LOG_LEVEL_INFO, sentence);
}

static void say_forwards(const struct forwarding *x, bool added, const struct forwards *f)
{
	char sentence[WHY_LEN];

	for (size_t i = 0; i < f->n && f->n <= LINES_MAX; i++)
		say_forward(x, f->vm, added, &f->list[i]);
	if (f->n <= LINES_MAX)
		return;
	why(sentence, "forwards of %s: %zu %s", f->vm, f->n, added ? "added" : "removed");
	say(x, LOG_LEVEL_INFO, sentence);
}

/* What is in @a and not in @b; they are mostly in the same order */
static int subtract(const struct forwards *a, const struct forwards *b,
		    struct forwards *ret)
{
	size_t next = 0;
	int r = 0;

	*ret = (struct forwards){ 0 };
	memcpy(ret->vm, a->vm, sizeof(ret->vm));
	for (size_t i = 0; i < a->n && r == 0; i++) {
		bool found = false;

		for (size_t n = 0; n < b->n && !found; n++) {
			next = next < b->n ? next : 0;
			found = forward_equal(&a->list[i], &b->list[next++]);
		}
		if (!found)
			r = forwards_add(ret, &a->list[i]);
	}
	return r;
}

/* Who talks over a forward that is gone, or was there before one that has come */
static void settle(struct forwarding *x, const struct forwards *old,
		   const struct forwards *now)
{
	struct forwards gone = { 0 }, come = { 0 };
	char sentence[WHY_LEN];
	unsigned int n;
	int r = subtract(old, now, &gone);

	if (r == 0)
		r = subtract(now, old, &come);
	if (r == 0) {
		say_forwards(x, false, &gone);
		say_forwards(x, true, &come);
		r = conntrack_flush(&gone, &come, &n);
	}
	if (r < 0) {
		why(sentence,
		    "live connections of %s were not looked at (%s): they may go on as before",
		    now->vm, strerror(-r));
		say(x, LOG_LEVEL_WARNING, sentence);
	}
	forwards_free(&gone);
	forwards_free(&come);
}

int forwarding_write(const struct forwarding *x, const struct book *b,
		     const struct forwards *also, char ret_why[static WHY_LEN])
{
	int r = book_write(x->h, b, also);

	if (r < 0)
		why(ret_why,
		    "/run/virt-handoff/" BOOK_FOLDER
		    "/%s cannot be written (%s): make room in /run",
		    b->forwards.vm, strerror(-r));
	return r;
}

int forwarding_change(struct forwarding *x, struct book *b, struct forwards *now,
		      bool last, char ret_why[static WHY_LEN])
{
	struct fw_request q = { .vm = b->forwards.tag, .now = now };
	struct forwards old = b->forwards;
	bool doubt = b->doubt;
	char sentence[WHY_LEN];
	int r;

	b->daemon = 0;
	q.old = doubt ? NULL : &old;
	b->doubt = true;
	r = forwarding_write(x, b, now, ret_why);
	if (r == 0)
		r = commit(x, &q, old.vm, ret_why);
	if (r < 0) {
		b->doubt = doubt;
		if (forwarding_write(x, b, NULL, sentence) < 0)
			say(x, LOG_LEVEL_ERR, sentence);
		return r;
	}
	settle(x, &old, now);
	b->doubt = false;
	b->forwards = *now;
	*now = old;
	x->changed = true;
	if (!last)
		return forwarding_write(x, b, NULL, ret_why);
	r = book_remove(x->h, old.vm);
	if (r < 0)
		why(ret_why, "/run/virt-handoff/" BOOK_FOLDER "/%s cannot be removed: %s",
		    old.vm, strerror(-r));
	return r;
}

int forwarding_put_right(struct forwarding *x, char ret_why[static WHY_LEN])
{
	struct fw_request q = { .thorough = true };

	return commit(x, &q, "", ret_why);
}
