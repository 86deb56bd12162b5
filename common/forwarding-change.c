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

/*
 * A network may have got another prefix while its VMs run. Two that lead to one guest
 * must not differ in it, or the kernel takes neither.
 */
static void look_up_networks(struct forwarding *x, const char *except)
{
	for (size_t i = 0; i < x->books.n; i++) {
		struct book *b = &x->books.book[i];
		struct forwards *f = &b->forwards;

		for (size_t k = 0; k < f->n && strcmp(f->vm, except) != 0; k++)
			if (!forward_waits(&f->list[k]))
				b->moved |= forwarding_find_network(x, &f->list[k]);
	}
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
	char sentence[WHY_LEN];
	size_t n = 0;
	int r;

	look_up_networks(x, vm);
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
	if (r < 0) {
		/* whether the guard is still there is not known */
		if (localnet_set(x->h, NULL, 0, false) < 0)
			say(x, LOG_LEVEL_ERR, "route_localnet cannot be switched off");
		return r;
	}
	x->changed |= done.tries > 0;
	r = localnet_set(x->h, lists, n, true);
	if (r < 0) {
		why(sentence,
		    "route_localnet cannot be switched on (%s): connections from 127.0.0.1 do not work",
		    strerror(-r));
		say(x, LOG_LEVEL_ERR, sentence);
	}
	if (done.blocked && done.tries > 0)
		say(x, LOG_LEVEL_WARNING,
		    "libvirt's rules stand above DOCKER-USER, which has rules of its own: forwards are stopped there; restart Docker, or accept what you want in DOCKER-USER");
	return 0;
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

/* What @a has and @b does not cover; they are mostly in the same order */
static int subtract(const struct forwards *a, const struct forwards *b, bool waiting,
		    struct forwards *ret)
{
	size_t others = forwards_share_guest(a, b) ? b->n : 0, next = 0;
	int r = 0;

	for (size_t i = 0; i < a->n && r == 0; i++) {
		bool found = !waiting && forward_waits(&a->list[i]);

		for (size_t n = 0; n < others && !found; n++) {
			next = next < b->n ? next : 0;
			found = forward_covers(&b->list[next++], &a->list[i]);
		}
		if (!found)
			r = forwards_add(ret, &a->list[i]);
	}
	return r;
}

void forwarding_say_waits(const struct forwarding *x, const struct forwards *claimed,
			  const struct forwards *now)
{
	struct forwards waits = { 0 }, fresh = { 0 }, kept = { 0 };
	int r = 0;

	forwards_name(&kept, now->vm, "");
	for (size_t i = 0; i < now->n && claimed->n && r == 0; i++)
		if (forward_waits(&now->list[i]))
			r = forwards_add(&waits, &now->list[i]);
	if (r == 0) /* those that it had not claimed have been said */
		r = subtract(&waits, claimed, true, &fresh);
	if (r == 0)
		r = subtract(&waits, &fresh, true, &kept);
	if (r == 0 && kept.n)
		say_forwards(x, true, &kept);
	forwards_free(&waits);
	forwards_free(&fresh);
	forwards_free(&kept);
}

/* Who talks over a forward that is gone, or was there before one that has come */
static void settle(struct forwarding *x, const struct book *b,
		   const struct forwards *maybe, const struct forwards *now)
{
	struct forwards gone = { 0 }, come = { 0 };
	char sentence[WHY_LEN];
	unsigned int n;
	int r;

	forwards_name(&gone, b->forwards.vm, b->uuid);
	forwards_name(&come, b->forwards.vm, b->uuid);
	/* of what has waited nothing was there */
	r = subtract(&b->forwards, now, false, &gone);
	if (r == 0)
		r = subtract(maybe, now, false, &gone);
	if (r == 0)
		r = subtract(now, &b->forwards, true, &come);
	if (r == 0) {
		say_forwards(x, false, &gone);
		say_forwards(x, true, &come);
		r = conntrack_flush(&gone, now, &come, &n);
	}
	if (r < 0) {
		why(sentence,
		    "live connections of %s were not looked at (%s): they may go on as before",
		    b->forwards.vm, strerror(-r));
		say(x, LOG_LEVEL_WARNING, sentence);
	}
	forwards_free(&gone);
	forwards_free(&come);
}

int forwarding_write(const struct forwarding *x, const struct book *b,
		     char ret_why[static WHY_LEN])
{
	int r = book_write(x->h, b);

	if (r < 0)
		why(ret_why,
		    "/run/virt-handoff/" BOOK_FOLDER
		    "/%s cannot be written (%s): make room in /run",
		    b->forwards.vm, strerror(-r));
	return r;
}

static int remove_book(const struct forwarding *x, const struct book *b,
		       char ret_why[static WHY_LEN])
{
	int r = book_remove(x->h, b->forwards.vm);

	if (r < 0)
		why(ret_why, "/run/virt-handoff/" BOOK_FOLDER "/%s cannot be removed: %s",
		    b->forwards.vm, strerror(-r));
	return r;
}

/* The kernel has refused the change, as a whole. */
static void step_back(struct forwarding *x, struct book *b, bool doubt,
		      struct forwards *was, bool written)
{
	char sentence[WHY_LEN];

	forwards_free(&b->next);
	b->next = *was;
	b->doubt = doubt;
	if (written && forwarding_write(x, b, sentence) < 0)
		say(x, LOG_LEVEL_ERR, sentence);
}

int forwarding_change(struct forwarding *x, struct book *b, struct forwards *now,
		      bool last, char ret_why[static WHY_LEN])
{
	struct forwards was = b->next;
	bool doubt = b->doubt;
	int r = 0;

	b->next = *now;
	*now = (struct forwards){ 0 };
	b->doubt = true;
	b->daemon = 0;
	/* what the file says is enough to take all away, and /run may be full */
	if (!last)
		r = forwarding_write(x, b, ret_why);
	if (r == 0)
		r = commit(x,
			   &(struct fw_request){ .vm = b->forwards.tag,
						 .old = doubt ? NULL : &b->forwards,
						 .now = &b->next },
			   b->forwards.vm, ret_why);
	if (r < 0) {
		step_back(x, b, doubt, &was, !last);
		return r;
	}
	settle(x, b, &was, &b->next);
	forwards_free(&was);
	forwards_free(&b->forwards);
	b->forwards = b->next;
	b->next.list = NULL;
	b->next.n = 0;
	b->doubt = b->moved = false;
	x->changed = true;
	return last ? remove_book(x, b, ret_why) : forwarding_write(x, b, ret_why);
}

int forwarding_put_right(struct forwarding *x, char ret_why[static WHY_LEN])
{
	struct fw_request q = { .thorough = true };

	return commit(x, &q, "", ret_why);
}

int forwarding_compare(struct forwarding *x, bool *ret_same, char ret_why[static WHY_LEN])
{
	CLEANUP(free_ptr) struct forwards *lists = NULL;
	struct fw_request q = { .mark = x->conf.firewall.mark, .thorough = true };

	look_up_networks(x, "");
	lists = others(x, "", NULL, &q.n_others);
	if (!lists)
		return -ENOMEM;
	q.others = lists;
	*ret_same = true;
	return is_needed(&q, lists, q.n_others) ? fw_check(&q, ret_same, ret_why) : 0;
}
