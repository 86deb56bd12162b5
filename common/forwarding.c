// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding.c - a VM gets its forwards, keeps them, and loses them */

#include "forwarding.h"

#include "book.h"
#include "clock.h"
#include "conntrack.h"
#include "forwarding-plan.h"
#include "fw.h"
#include "iface.h"
#include "lock.h"
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* a change takes milliseconds; libvirt holds the VM's lock while we wait */
#define WAIT_MS 10000
/* of one VM, each with a line in the log; of more, only how many */
#define LINES_MAX 32

#define FOLDER "etc/virt-handoff"

static void say(const struct forwarding *x, enum log_level level, const char *sentence)
{
	x->rep->say(level, sentence);
}

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
static int look(struct forwarding *x, bool wanted, char ret_why[static WHY_LEN])
{
	int r = read_host(x, ret_why);

	if (r < 0 && wanted)
		return r;
	if (r < 0)
		say(x, LOG_LEVEL_ERR, ret_why);
	r = books_read(x->h, &x->books, ret_why);
	if (r < 0)
		return r;
	r = iface_read(&x->ifaces);
	if (r < 0)
		why(ret_why, "the host's addresses cannot be read: %s", strerror(-r));
	return r;
}

static void forget(struct forwarding *x)
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

/* ---- changing it ---- */

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
	q->mark = x->conf.firewall.mark;
	q->others = lists;
	q->n_others = q->now ? n - 1 : n;
	r = sysctl_localnet(x->h, lists, n, false);
	if (r == 0)
		r = fw_apply(q, &done, ret_why);
	else
		why(ret_why, "route_localnet cannot be switched off: %s", strerror(-r));
	if (r < 0)
		return r;
	r = sysctl_localnet(x->h, lists, n, true);
	if (r < 0)
		why(ret_why, "route_localnet cannot be switched on: %s", strerror(-r));
	if (done.blocked)
		say(x, LOG_LEVEL_WARNING,
		    "libvirt's rules stand above DOCKER-USER, which has rules of its own: forwards are stopped there; restart Docker, or accept what you want in DOCKER-USER");
	x->changed |= done.tries > 0;
	return r;
}

static void say_forwards(const struct forwarding *x, const char *what,
			 const struct forwards *f)
{
	char sentence[WHY_LEN], ports[FORWARD_PORTS_LEN], guest[IP_LEN];

	for (size_t i = 0; i < f->n && f->n <= LINES_MAX; i++) {
		forward_ports(&f->list[i], ports);
		ip_format(&f->list[i].guest, guest);
		why(sentence, "forward %s of %s: %s -> %s port %u %s", f->list[i].name,
		    f->vm, ports, guest, f->list[i].to, what);
		say(x, LOG_LEVEL_INFO, sentence);
	}
	if (f->n <= LINES_MAX)
		return;
	why(sentence, "forwards of %s: %zu %s", f->vm, f->n, what);
	say(x, LOG_LEVEL_INFO, sentence);
}

/* What is in @a and not in @b */
static int subtract(const struct forwards *a, const struct forwards *b,
		    struct forwards *ret)
{
	int r = 0;

	*ret = (struct forwards){ 0 };
	memcpy(ret->vm, a->vm, sizeof(ret->vm));
	for (size_t i = 0; i < a->n && r == 0; i++) {
		const struct forwards one = { .list = &a->list[i], .n = 1 };
		bool found = false;

		for (size_t k = 0; k < b->n && !found; k++)
			found = forwards_equal(
				&one, &(struct forwards){ .list = &b->list[k], .n = 1 });
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
		say_forwards(x, "removed", &gone);
		say_forwards(x, "added", &come);
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

static int write_book(struct forwarding *x, struct book *b, const struct forwards *also,
		      char ret_why[static WHY_LEN])
{
	int r = book_write(x->h, b, also);

	if (r < 0)
		why(ret_why,
		    "/run/virt-handoff/" BOOK_FOLDER
		    "/%s cannot be written (%s): make room in /run",
		    b->forwards.vm, strerror(-r));
	return r;
}

/*
 * Written ahead with old and new, changed, written again. @now is taken over. When the
 * kernel refuses, it has refused all, and the file says again what it said before.
 */
static int change(struct forwarding *x, struct book *b, struct forwards *now, bool last,
		  char ret_why[static WHY_LEN])
{
	struct fw_request q = { .vm = b->forwards.tag, .now = now };
	struct forwards old = b->forwards;
	bool doubt = b->doubt;
	char unused[WHY_LEN];
	int r;

	q.old = doubt ? NULL : &old;
	b->doubt = true;
	r = write_book(x, b, now, ret_why);
	if (r == 0)
		r = commit(x, &q, old.vm, ret_why);
	if (r < 0) {
		b->doubt = doubt;
		(void)write_book(x, b, NULL, unused);
		return r;
	}
	settle(x, &old, now);
	b->doubt = false;
	b->forwards = *now;
	*now = old;
	x->changed = true;
	if (!last)
		return write_book(x, b, NULL, ret_why);
	r = book_remove(x->h, old.vm);
	if (r < 0)
		why(ret_why, "/run/virt-handoff/" BOOK_FOLDER "/%s cannot be removed: %s",
		    old.vm, strerror(-r));
	return r;
}

static void check_routing(struct forwarding *x, const struct forwards *f)
{
	char sentence[WHY_LEN];
	int r = sysctl_forwarding(x->h, f, x->conf.firewall.manage, sentence);

	if (r != 0)
		say(x, r > 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, sentence);
}

/* Nothing changes for the VM; what others may have done to our rules is put right. */
static int repair(struct forwarding *x, char ret_why[static WHY_LEN])
{
	struct fw_request q = { .thorough = true };

	return commit(x, &q, "", ret_why);
}

/* ---- one VM ---- */

/* Its INI file; none asks for nothing */
static int read_vm(const struct forwarding *x, const struct book *b, struct conf_vm *c,
		   char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd)
	int dir = openat(x->h->root, FOLDER "/vms", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0) {
		r = errno == ENOENT ? 0 : -errno;
		why(ret_why, "/" FOLDER "/vms cannot be opened: %s", strerror(errno));
	} else {
		r = conf_vm_read(dir, b->forwards.vm, b->uuid, c, ret_why);
	}
	return r == -ENOENT ? 0 : r;
}

/* As the INI file says now; when it cannot be read, as before. */
static int update(struct forwarding *x, struct book *b, char ret_why[static WHY_LEN])
{
	struct conf_vm c = { 0 };
	struct forwards now = { 0 };
	char sentence[WHY_LEN];
	int r = read_vm(x, b, &c, ret_why);

	if (r < 0) {
		why(sentence, "%s; the forwards of %s stay as they are", ret_why,
		    b->forwards.vm);
		say(x, LOG_LEVEL_ERR, sentence);
		return b->doubt ? repair(x, ret_why) : 0;
	}
	r = plan_forwards(x, &c, b, false, &now, ret_why);
	if (r == 0 && (b->doubt || !forwards_equal(&now, &b->forwards)))
		r = change(x, b, &now, false, ret_why);
	if (r == 0)
		check_routing(x, &b->forwards);
	forwards_free(&now);
	conf_vm_free(&c);
	return r;
}

/* Who was killed in the middle left old and new in his file, which may collide. */
static int resolve_doubts(struct forwarding *x, const char *except,
			  char ret_why[static WHY_LEN])
{
	int r = 0;

	for (size_t i = 0; i < x->books.n && r == 0; i++)
		if (x->books.book[i].doubt &&
		    strcmp(x->books.book[i].forwards.vm, except) != 0)
			r = update(x, &x->books.book[i], ret_why);
	return r;
}

static int open_book(struct forwarding *x, const struct guest *g, struct book **ret)
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
		why(ret_why, "/run/virt-handoff cannot be made: %s", strerror(-r));
		return r;
	}
	return lock_take(h, BOOK_LOCK, rep->who, WAIT_MS, l, ret_why);
}

static int start(struct forwarding *x, const struct guest *g,
		 char ret_why[static WHY_LEN])
{
	struct book *b;
	int r = look(x, true, ret_why);

	if (r == 0)
		r = resolve_doubts(x, g->name, ret_why);
	if (r < 0)
		return r;
	r = open_book(x, g, &b);
	/* also with nothing in it: whoever finds the address later reads it */
	if (r == 0)
		r = write_book(x, b, NULL, ret_why);
	if (r == 0)
		r = update(x, b, ret_why);
	return r == 0 && !x->changed ? repair(x, ret_why) : r;
}

/* Whether the VM has, or wants, any forward: most have none */
static bool is_concerned(struct host *h, const struct guest *g)
{
	struct forwarding x = { .h = h };
	struct book b = { 0 };
	char unused[WHY_LEN];
	struct conf_vm c = { 0 };
	int r = book_read(h, g->name, &b, unused);
	bool wants;

	book_free(&b);
	if (r != -ENOENT)
		return true;
	memcpy(b.uuid, g->uuid, sizeof(b.uuid));
	forwards_name(&b.forwards, g->name, g->uuid);
	r = read_vm(&x, &b, &c, unused);
	wants = r < 0 || c.n_forwards > 0;
	conf_vm_free(&c);
	return wants;
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
	forget(&x);
	return r;
}

int forwarding_check(struct host *h, const struct guest *g, const struct conf_vm *c,
		     const struct forwarding_report *rep, char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock l = LOCK_NONE;
	struct forwarding x = { .h = h, .rep = rep };
	struct forwards plan = { 0 };
	struct book b = { .nics = g->nics, .n_nics = g->n_nics };
	bool required = false;
	int r;

	for (size_t i = 0; i < c->n_forwards; i++)
		required |= c->forwards[i].required;
	if (!required)
		return 0;
	memcpy(b.uuid, g->uuid, sizeof(b.uuid));
	forwards_name(&b.forwards, g->name, g->uuid);
	r = lock(h, rep, &l, ret_why);
	if (r == 0)
		r = look(&x, true, ret_why);
	if (r == 0)
		r = plan_forwards(&x, c, &b, true, &plan, ret_why);
	forwards_free(&plan);
	forget(&x);
	return r;
}

static int stop(struct forwarding *x, const char *vm, char ret_why[static WHY_LEN])
{
	struct forwards none = { 0 };
	struct book *b;
	int r = look(x, false, ret_why);

	if (r == 0)
		r = resolve_doubts(x, vm, ret_why);
	b = r == 0 ? find_book(x, vm) : NULL;
	if (!b)
		return r;
	forwards_name(&none, vm, b->uuid);
	r = change(x, b, &none, true, ret_why);
	forwards_free(&none);
	return r;
}

int forwarding_stop(struct host *h, const char *vm, const struct forwarding_report *rep,
		    char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock l = LOCK_NONE;
	struct forwarding x = { .h = h, .rep = rep };
	struct book b = { 0 };
	int r = book_read(h, vm, &b, ret_why);

	book_free(&b);
	if (r == -ENOENT)
		return 0;
	r = lock(h, rep, &l, ret_why);
	if (r == 0)
		r = stop(&x, vm, ret_why);
	forget(&x);
	return r;
}

static int repair_all(struct forwarding *x, bool reread, char ret_why[static WHY_LEN])
{
	int r = look(x, false, ret_why);

	if (r == 0)
		r = resolve_doubts(x, "", ret_why);
	for (size_t i = 0; reread && i < x->books.n && r == 0; i++)
		r = update(x, &x->books.book[i], ret_why);
	return r == 0 ? repair(x, ret_why) : r;
}

int forwarding_repair(struct host *h, bool reread, const struct forwarding_report *rep,
		      bool *ret_changed, char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock l = LOCK_NONE;
	struct forwarding x = { .h = h, .rep = rep };
	int r = lock(h, rep, &l, ret_why);

	if (r == 0)
		r = repair_all(&x, reread, ret_why);
	*ret_changed = x.changed;
	forget(&x);
	return r;
}
