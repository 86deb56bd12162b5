// SPDX-License-Identifier: GPL-2.0-or-later
/* table.c - kinds for tests: a table of values in memory, which can fail, and end the
 * process at a chosen change */

#include "table.h"

#include "text.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static struct table *things;

struct table *table_now(void)
{
	return things;
}

PRINTF(1, 2) static void note(const char *format, ...)
{
	size_t have = strlen(things->log);
	va_list ap;

	va_start(ap, format);
	vsnprintf(things->log + have, sizeof(things->log) - have, format, ap);
	va_end(ap);
}

void table_reset(void)
{
	if (!things)
		things = mmap(NULL, sizeof(*things), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(things, MAP_FAILED);
	memset(things, 0, sizeof(*things));
}

struct table_thing *table_find(const char *kind, const char *target)
{
	for (size_t i = 0; i < things->n; i++)
		if (strcmp(things->thing[i].kind, kind) == 0 &&
		    strcmp(things->thing[i].target, target) == 0)
			return &things->thing[i];
	return NULL;
}

struct table_thing *table_put(const char *kind, const char *target, const char *value)
{
	struct table_thing *t = table_find(kind, target);

	if (!t) {
		assert_true(things->n < TABLE_MAX);
		t = &things->thing[things->n++];
	}
	assert_int_equal(text_copy(t->kind, sizeof(t->kind), kind), 0);
	assert_int_equal(text_copy(t->target, sizeof(t->target), target), 0);
	assert_int_equal(text_copy(t->value, sizeof(t->value), value), 0);
	return t;
}

const char *table_value(const char *kind, const char *target)
{
	struct table_thing *t = table_find(kind, target);

	assert_non_null(t);
	return t->value;
}

bool table_due(void)
{
	return things && things->ticks && --things->ticks == 0;
}

void table_tick(void)
{
	if (table_due())
		_exit(TABLE_KILLED);
}

static int get(const char *kind, const char *target, char ret[static STATE_LEN])
{
	const struct table_thing *t = table_find(kind, target);

	if (!t)
		return -ENOENT;
	return t->get_error ? t->get_error : text_copy(ret, STATE_LEN, t->value);
}

/* As a real one, it does nothing when there is nothing to do, and goes through a state
 * that is neither. */
static int set(const char *kind, const char *target, const char *state)
{
	struct table_thing *t = table_find(kind, target);
	int r;

	note("set %s %s %s\n", kind, target, state);
	if (!t)
		return -ENOENT;
	if (strcmp(t->value, state) == 0 && !t->set_error)
		return 0;
	table_tick();
	r = text_copy(t->value, sizeof(t->value), "between");
	if (r < 0 || t->set_error)
		return r < 0 ? r : t->set_error;
	table_tick();
	return text_copy(t->value, sizeof(t->value), state);
}

static int own_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	(void)h;
	return get("own", target, ret);
}

static int own_set(struct host *h, const char *target, const char *state)
{
	(void)h;
	return set("own", target, state);
}

/* What follows a blank does not count, as in a driver's override */
static bool own_same(const char *want, const char *have)
{
	size_t a = strcspn(want, " "), b = strcspn(have, " ");

	return a == b && memcmp(want, have, a) == 0;
}

static const char *own_remedy(int r)
{
	return r == -EBUSY ? "close it" : NULL;
}

static int shared_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	(void)h;
	return get("shared", target, ret);
}

static int shared_set(struct host *h, const char *target, const char *state)
{
	(void)h;
	return set("shared", target, state);
}

static const struct kind kind_own = {
	.name = "own",
	.get = own_get,
	.set = own_set,
	.same = own_same,
	.remedy = own_remedy,
};
static const struct kind kind_shared = {
	.name = "shared",
	.shared = true,
	.get = shared_get,
	.set = shared_set,
};

const struct kind *const table_kinds[] = { &kind_own, &kind_shared, NULL };

static void report(const struct step *s, enum outcome o, int r, unsigned int ms)
{
	static const char *const names[] = {
		[OUTCOME_DONE] = "done",     [OUTCOME_BACK] = "back",
		[OUTCOME_SHARED] = "shared", [OUTCOME_CHANGED] = "changed",
		[OUTCOME_GONE] = "gone",     [OUTCOME_FAILED] = "failed",
	};

	(void)ms;
	if (r)
		note("%s %s %s: %s\n", names[o], s->kind, s->target, strerror(-r));
	else
		note("%s %s %s\n", names[o], s->kind, s->target);
}

const struct report table_report = { .step = report, .who = "test" };

static int publish(struct host *h, const struct table_vm *vm, const struct plan *plan,
		   struct ledger *l)
{
	l->steps = calloc(plan->n + 1, sizeof(*l->steps));
	assert_non_null(l->steps);
	assert_int_equal(text_copy(l->uuid, sizeof(l->uuid), vm->uuid), 0);
	assert_int_equal(text_copy(l->name, sizeof(l->name), vm->name), 0);
	l->deadline_ms = h->deadline_ms;
	for (; l->n_steps < plan->n; l->n_steps++)
		l->steps[l->n_steps].step = plan->steps[l->n_steps];
	return ledger_create(h, l);
}

int table_publish(struct host *h, const struct table_vm *vm, struct ledger *l,
		  char ret_why[static WHY_LEN])
{
	CLEANUP(ledgers_free) struct ledgers others = { 0 };
	CLEANUP(plan_free) struct plan plan = { 0 };
	int r = ledgers_read(h, vm->uuid, &others, ret_why);

	for (size_t i = 0; i < vm->n && r == 0; i++)
		r = plan_add(&plan, vm->wish[i].kind, vm->wish[i].target, "",
			     vm->wish[i].to, vm->wish[i].keep);
	if (r == 0)
		r = plan_observe(h, &others, &plan, ret_why);
	return r < 0 ? r : publish(h, vm, &plan, l);
}

int table_take(struct host *h, const struct table_vm *vm)
{
	CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];
	int r = table_publish(h, vm, &l, sentence);

	return r < 0 ? r : apply(h, &l, &table_report, sentence);
}
