// SPDX-License-Identifier: GPL-2.0-or-later
/* test-apply.c - the order of steps, failures, every rule of undo, and things that
 * several VMs share */

/*
 * Real: apply.c, ledger*.c, handover_give_back(), lock.c, files in a temporary folder.
 * Faked: the kinds; they set values in a table in memory (table.c).
 */

#include "file.h"
#include "handover.h"
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define UUID_A "00000000-0000-4000-8000-00000000000a"
#define UUID_B "00000000-0000-4000-8000-00000000000b"
#define UUID_C "00000000-0000-4000-8000-00000000000c"

static struct tree tree;
static struct host host;

static int setup(void **state)
{
	(void)state;
	table_reset();
	tree_make(&tree);
	tree_host(&tree, &host, table_kinds);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_close(&host);
	tree_remove(&tree);
	return 0;
}

static const struct table_vm three = {
	.uuid = UUID_A, .name = "a", .n = 3,
	.wish = {
		{ .kind = "own", .target = "x", .to = "vm" },
		{ .kind = "own", .target = "y", .to = "vm" },
		{ .kind = "own", .target = "z", .to = "vm" },
	},
};

static void put_three(void)
{
	table_put("own", "x", "x0");
	table_put("own", "y", "y0");
	table_put("own", "z", "z0");
}

static void check_three(const char *x, const char *y, const char *z)
{
	assert_string_equal(table_value("own", "x"), x);
	assert_string_equal(table_value("own", "y"), y);
	assert_string_equal(table_value("own", "z"), z);
}

static int give_back(const char *uuid)
{
	char sentence[WHY_LEN] = "";
	int r;

	table_now()->log[0] = '\0';
	r = handover_give_back(&host, uuid, &table_report, sentence);
	if (r < 0)
		unit_check_sentence(sentence);
	return r;
}

static void check_no_ledger(void)
{
	assert_int_equal(tree_count(&tree, "run/virt-handoff/ledger"), 0);
	assert_int_equal(tree_count(&tree, "run/virt-handoff/names"), 0);
	assert_int_equal(tree_count(&tree, "run/virt-handoff/lock"), 0);
}

/* the records of a ledger, without their times */
static void check_records(const char *uuid, const char *want)
{
	char path[PATH_LEN], have[1024] = "", word[16];
	const char *p;
	unsigned int n;

	assert_int_equal(
		text_format(path, sizeof(path), "run/virt-handoff/ledger/%s", uuid), 0);
	for (p = tree_text(&tree, path); p && *p;
	     p = strchr(p, '\n'), p = p ? p + 1 : NULL)
		if (sscanf(p, "%15[a-z]%*1[ ]%u", word, &n) == 2)
			snprintf(have + strlen(have), sizeof(have) - strlen(have),
				 "%s %u\n", word, n);
	assert_string_equal(have, want);
}

static void done_in_order_and_undone_backwards(void **state)
{
	(void)state;
	put_three();
	assert_int_equal(table_take(&host, &three), 0);
	check_three("vm", "vm", "vm");
	assert_string_equal(
		table_now()->log,
		"set own x vm\ndone own x\nset own y vm\ndone own y\nset own z vm\ndone own z\n");
	check_records(UUID_A, "will 0\ndid 0\nwill 1\ndid 1\nwill 2\ndid 2\n");
	assert_int_equal(give_back(UUID_A), 0);
	check_three("x0", "y0", "z0");
	assert_string_equal(
		table_now()->log,
		"set own z z0\nback own z\nset own y y0\nback own y\nset own x x0\nback own x\n");
	check_no_ledger();
}

static void nothing_to_do_is_no_step(void **state)
{
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];

	(void)state;
	put_three();
	table_put("own", "y", "vm");
	table_put("own", "z", "vm but=more"); /* the same, says the kind */
	assert_int_equal(table_publish(&host, &three, &l, sentence), 0);
	assert_int_equal(l.n_steps, 1);
	assert_string_equal(l.steps[0].step.target, "x");
	assert_string_equal(l.steps[0].step.from, "x0");
	ledger_free(&l);
}

static void observation_fails(void **state)
{
	struct table_vm vm = { .uuid = UUID_A,
			       .name = "a",
			       .n = 1,
			       .wish = { { .kind = "own", .target = "x", .to = "vm" } } };
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];

	(void)state;
	assert_int_equal(table_publish(&host, &vm, &l, sentence), -ENOENT);
	assert_string_equal(
		sentence,
		"own x cannot be set to 'vm' (No such file or directory): look at dmesg and the journal");
	table_put("own", "x", "x0")->get_error = -EBUSY;
	assert_int_equal(table_publish(&host, &vm, &l, sentence), -EBUSY);
	assert_string_equal(
		sentence,
		"own x cannot be set to 'vm' (Device or resource busy): close it");
	strcpy(vm.wish[0].kind, "foreign");
	assert_int_equal(table_publish(&host, &vm, &l, sentence), -EOPNOTSUPP);
	assert_string_equal(
		sentence,
		"foreign x cannot be set to 'vm' (Operation not supported): look at dmesg and the journal");
	check_no_ledger();
}

/* A step fails: those before it were done, it is in doubt, the rest was not begun. */
static void each_step_fails(void **state)
{
	static const char *const targets[] = { "x", "y", "z" }, *const records[] = {
		"will 0\n",
		"will 0\ndid 0\nwill 1\n",
		"will 0\ndid 0\nwill 1\ndid 1\nwill 2\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		put_three();
		table_find("own", targets[i])->set_error = -EIO;
		assert_int_equal(table_take(&host, &three), -EIO);
		check_records(UUID_A, records[i]);
		for (size_t k = 0; k < ARRAY_LEN(targets); k++)
			assert_int_equal(
				k < i, strcmp(table_value("own", targets[k]), "vm") == 0);
		assert_string_equal(table_value("own", targets[i]), "between");
		table_find("own", targets[i])->set_error = 0;
		assert_int_equal(give_back(UUID_A), 0);
		check_three("x0", "y0", "z0");
		check_no_ledger();
	}
}

static void failure_names_step_and_remedy(void **state)
{
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];

	(void)state;
	put_three();
	table_find("own", "y")->set_error = -EBUSY;
	assert_int_equal(table_publish(&host, &three, &l, sentence), 0);
	assert_int_equal(apply(&host, &l, &table_report, sentence), -EBUSY);
	assert_string_equal(
		sentence,
		"own y cannot be set to 'vm' (Device or resource busy): close it");
	assert_string_equal(
		table_now()->log,
		"set own x vm\ndone own x\nset own y vm\nfailed own y: Device or resource busy\n");
	table_find("own", "y")->set_error = 0;
	assert_int_equal(undo(&host, &l, &table_report, sentence), 0);
	ledger_free(&l);
	check_three("x0", "y0", "z0");
}

/* Once the kernel has not answered, the rest is not waited for at length. */
static void silence_shortens_the_deadline(void **state)
{
	(void)state;
	put_three();
	host.deadline_ms = 60000;
	table_find("own", "y")->set_error = -ETIME;
	assert_int_equal(table_take(&host, &three), -ETIME);
	assert_true(host.deadline_ms <= 5000);
}

/* A rule of undo: how far a step had come, what is there now; what becomes of it */
static const struct rule {
	enum ledger_state state;
	bool keep;
	const char *now; /* NULL: gone */
	int get_error, set_error;
	const char *after, *log;
	int r;
} rules[] = {
	/* not begun */
	{ LEDGER_PLANNED, false, "x0", 0, 0, "x0", "", 0 },
	{ LEDGER_PLANNED, false, "other", 0, 0, "other", "", 0 },
	/* in doubt: always back, whatever is there */
	{ LEDGER_WILL, false, "x0", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_WILL, false, "vm", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_WILL, false, "between", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_WILL, false, "other", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_WILL, false, "vm", -EIO, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_WILL, false, NULL, 0, 0, NULL, "set own x x0\ngone own x\n", 0 },
	{ LEDGER_WILL, false, "vm", 0, -EIO, "between",
	  "set own x x0\nfailed own x: Input/output error\n", -EIO },
	{ LEDGER_WILL, false, "vm", 0, -ENOENT, "between",
	  "set own x x0\nfailed own x: No such file or directory\n", -ENOENT },
	{ LEDGER_BACK, false, "x0", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_BACK, false, "vm", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_BACK, false, "between", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_BACK, false, NULL, 0, 0, NULL, "set own x x0\ngone own x\n", 0 },
	/* done: back when it still is what it was set to */
	{ LEDGER_DID, false, "vm", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_DID, false, "vm more=1", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_DID, false, "x0", 0, 0, "x0", "", 0 },
	{ LEDGER_DID, false, "x0 more=1", 0, 0, "x0", "set own x x0\nback own x\n", 0 },
	{ LEDGER_DID, false, "other", 0, 0, "other", "changed own x\n", 0 },
	{ LEDGER_DID, false, "between", 0, 0, "between", "changed own x\n", 0 },
	{ LEDGER_DID, false, NULL, 0, 0, NULL, "gone own x\n", 0 },
	{ LEDGER_DID, false, "vm", -ENODEV, 0, "vm", "gone own x\n", 0 },
	{ LEDGER_DID, false, "vm", -ETIME, 0, "vm", "failed own x: Timer expired\n",
	  -ETIME },
	{ LEDGER_DID, false, "vm", 0, -EIO, "between",
	  "set own x x0\nfailed own x: Input/output error\n", -EIO },
	/* given back, or not to be */
	{ LEDGER_UNDID, false, "vm", 0, 0, "vm", "", 0 },
	{ LEDGER_WILL, true, "between", 0, 0, "between", "", 0 },
	{ LEDGER_DID, true, "vm", 0, 0, "vm", "", 0 },
};

static void check_rule(const struct rule *rule)
{
	struct table_vm vm = { .uuid = UUID_A,
			       .name = "a",
			       .n = 1,
			       .wish = { { .kind = "own", .target = "x", .to = "vm" } } };
	struct table_thing *x;
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];

	table_reset();
	table_put("own", "x", "x0");
	vm.wish[0].keep = rule->keep;
	assert_int_equal(table_publish(&host, &vm, &l, sentence), 0);
	for (int s = LEDGER_WILL; s <= (int)rule->state; s++)
		assert_int_equal(ledger_mark(&l, 0, (enum ledger_state)s), 0);
	ledger_free(&l);
	if (rule->now) {
		x = table_put("own", "x", rule->now);
		x->get_error = rule->get_error;
		x->set_error = rule->set_error;
	} else {
		table_now()->n = 0;
	}
	assert_int_equal(give_back(UUID_A), rule->r);
	assert_string_equal(table_now()->log, rule->log);
	if (rule->after)
		assert_string_equal(table_value("own", "x"), rule->after);
	assert_int_equal(tree_count(&tree, "run/virt-handoff/ledger"), rule->r < 0);
	assert_int_equal(tree_count(&tree, "run/virt-handoff/names"), rule->r < 0);
	if (rule->r == 0)
		return;
	x = table_find("own", "x");
	x->get_error = x->set_error = 0;
	assert_int_equal(give_back(UUID_A), 0);
	assert_string_equal(x->value, "x0");
}

static void rules_of_undo(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		check_rule(&rules[i]);
		check_no_ledger();
	}
}

static void error_in_undo_keeps_the_rest_going(void **state)
{
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];

	(void)state;
	put_three();
	assert_int_equal(table_take(&host, &three), 0);
	table_find("own", "y")->set_error = -EBUSY;
	table_find("own", "x")->set_error = -EIO;
	table_now()->log[0] = '\0';
	assert_int_equal(ledger_open(&host, UUID_A, &l, sentence), 0);
	assert_int_equal(undo(&host, &l, &table_report, sentence), -EBUSY);
	ledger_free(&l);
	assert_string_equal(
		sentence,
		"own y cannot be set to 'y0' (Device or resource busy): close it");
	check_three("between", "between", "z0");
	assert_int_equal(tree_count(&tree, "run/virt-handoff/ledger"), 1);
	table_find("own", "y")->set_error = 0;
	assert_int_equal(give_back(UUID_A), -EIO);
	check_three("between", "y0", "z0");
	table_find("own", "x")->set_error = 0;
	assert_int_equal(give_back(UUID_A), 0);
	assert_string_equal(table_now()->log, "set own x x0\nback own x\n");
	check_three("x0", "y0", "z0");
	check_no_ledger();
}

static void foreign_kind_is_kept(void **state)
{
	static const struct kind *const none[] = { NULL };

	(void)state;
	put_three();
	assert_int_equal(table_take(&host, &three), 0);
	host.kinds = none;
	assert_int_equal(give_back(UUID_A), -EOPNOTSUPP);
	host.kinds = table_kinds;
	assert_int_equal(give_back(UUID_A), 0);
	check_three("x0", "y0", "z0");
}

static bool is_y(const struct step *s, const void *data)
{
	return strcmp(s->target, data) == 0;
}

/* Some steps go back and the rest stays; what is put behind them later is done alone. */
static void some_steps(void **state)
{
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];

	(void)state;
	put_three();
	assert_int_equal(table_take(&host, &three), 0);
	assert_int_equal(ledger_open(&host, UUID_A, &l, sentence), 0);
	table_now()->log[0] = '\0';
	assert_int_equal(undo_some(&host, &l, is_y, "y", &table_report, sentence), 0);
	assert_string_equal(table_now()->log, "set own y y0\nback own y\n");
	check_three("vm", "y0", "vm");
	l.steps[1].state = LEDGER_PLANNED;
	assert_int_equal(ledger_replace(&host, &l), 0);
	table_now()->log[0] = '\0';
	assert_int_equal(apply(&host, &l, &table_report, sentence), 0);
	assert_string_equal(table_now()->log, "set own y vm\ndone own y\n");
	ledger_free(&l);
	assert_int_equal(give_back(UUID_A), 0);
	check_three("x0", "y0", "z0");
	check_no_ledger();
}

static void no_ledger_is_no_error(void **state)
{
	(void)state;
	assert_int_equal(give_back(UUID_A), 0);
	close(host.run);
	host.run = -1;
	assert_int_equal(give_back(UUID_A), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(done_in_order_and_undone_backwards, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nothing_to_do_is_no_step, setup,
						teardown),
		cmocka_unit_test_setup_teardown(observation_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(each_step_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(failure_names_step_and_remedy, setup,
						teardown),
		cmocka_unit_test_setup_teardown(silence_shortens_the_deadline, setup,
						teardown),
		cmocka_unit_test_setup_teardown(rules_of_undo, setup, teardown),
		cmocka_unit_test_setup_teardown(error_in_undo_keeps_the_rest_going, setup,
						teardown),
		cmocka_unit_test_setup_teardown(foreign_kind_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(some_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(no_ledger_is_no_error, setup, teardown),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
