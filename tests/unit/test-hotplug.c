// SPDX-License-Identifier: GPL-2.0-or-later
/* test-hotplug.c - what a function more does to the ledger of a running VM */

/* Real: hotplug-ledger.c and the kinds, of which nothing is set. */

#include "hotplug-parts.h"
#include "kinds.h"
#include "unit.h"

static const struct host host = { .kinds = kinds_all };

static struct ledger_step did(const char *kind, const char *target)
{
	struct ledger_step s = { .state = LEDGER_DID };

	strcpy(s.step.kind, kind);
	strcpy(s.step.target, target);
	strcpy(s.step.from, "first");
	return s;
}

static void add(struct plan *p, const char *kind, const char *target)
{
	assert_int_equal(plan_add(p, kind, target, "now", "to", false), 0);
}

static void is(const struct ledger *l, size_t i, const char *target, const char *from,
	       enum ledger_state state)
{
	assert_string_equal(l->steps[i].step.target, target);
	assert_string_equal(l->steps[i].step.from, from);
	assert_int_equal(l->steps[i].state, state);
}

static void shared_step_is_done_again(void **state)
{
	const struct taken taken = { .bdf = { { .bus = 2 } }, .n = 1 };
	struct plan plan = { 0 };
	struct ledger l = LEDGER_NONE;

	(void)state;
	l.steps = calloc(4, sizeof(*l.steps));
	assert_non_null(l.steps);
	l.steps[l.n_steps++] = did("unit", "a.service");
	l.steps[l.n_steps++] = did("unit", "b.service");
	l.steps[l.n_steps++] = did("driver", "0000:01:00.0");
	l.steps[l.n_steps++] = did("module", "drives");
	add(&plan, "unit", "a.service");
	add(&plan, "driver", "0000:01:00.0");
	add(&plan, "driver", "0000:02:00.0");
	add(&plan, "module", "drives");
	assert_int_equal(extend_ledger(&host, &taken, &plan, &l), 0);
	assert_true(claims_function(&l, "0000:02:00.0"));
	assert_int_equal(l.n_steps, 5);
	is(&l, 0, "a.service", "first", LEDGER_PLANNED);
	is(&l, 1, "b.service", "first", LEDGER_DID);
	is(&l, 2, "0000:01:00.0", "first", LEDGER_DID);
	is(&l, 3, "0000:02:00.0", "now", LEDGER_PLANNED);
	/* it has to wait for the function that it drives */
	is(&l, 4, "drives", "first", LEDGER_PLANNED);
	plan_free(&plan);
	ledger_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_step_is_done_again),
	};

	return cmocka_run_group_tests_name("hotplug", tests, NULL, NULL);
}
