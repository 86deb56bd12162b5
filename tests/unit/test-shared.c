// SPDX-License-Identifier: GPL-2.0-or-later
/* test-shared.c - things that several VMs want: the last one to leave puts them back */

/*
 * Real: apply.c, ledger*.c, handover_give_back(), lock.c, files in a temporary folder,
 * processes at the same moment. Faked: the kinds; they set values in a table in memory
 * (table.c), which the processes share.
 */

#include "file.h"
#include "handover.h"
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WISH                                                        \
	{                                                           \
		{                                                   \
			.kind = "shared", .target = "u", .to = "vm" \
		}                                                   \
	}
#define ROUNDS 100

static const struct table_vm vms[] = {
	{ .uuid = "00000000-0000-4000-8000-00000000000a",
	  .name = "a",
	  .n = 1,
	  .wish = WISH },
	{ .uuid = "00000000-0000-4000-8000-00000000000b",
	  .name = "b",
	  .n = 1,
	  .wish = WISH },
	{ .uuid = "00000000-0000-4000-8000-00000000000c",
	  .name = "c",
	  .n = 1,
	  .wish = WISH },
};

static struct tree tree;
static struct host host;

static int setup(void **state)
{
	(void)state;
	table_reset();
	table_put("shared", "u", "u0");
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

static void take(size_t vm)
{
	assert_int_equal(table_take(&host, &vms[vm]), 0);
	assert_string_equal(table_value("shared", "u"), "vm");
}

static void leave(size_t vm, const char *value, const char *log)
{
	char sentence[WHY_LEN];

	table_now()->log[0] = '\0';
	assert_int_equal(handover_give_back(&host, vms[vm].uuid, &table_report, sentence),
			 0);
	assert_string_equal(table_value("shared", "u"), value);
	assert_string_equal(table_now()->log, log);
}

#define STAYS "vm", "shared shared u\n"
#define BACK  "u0", "set shared u u0\nback shared u\n"

static void check_empty(void)
{
	assert_int_equal(tree_count(&tree, "run/virt-handoff/ledger"), 0);
	assert_int_equal(tree_count(&tree, "run/virt-handoff/names"), 0);
	assert_int_equal(tree_count(&tree, "run/virt-handoff/lock"), 0);
}

static void two_leave_in_every_order(void **state)
{
	(void)state;
	for (size_t first = 0; first < 2; first++) {
		take(0);
		take(1);
		leave(first, STAYS);
		leave(1 - first, BACK);
		check_empty();
	}
}

static void three_leave_in_every_order(void **state)
{
	static const size_t orders[][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		for (size_t vm = 0; vm < 3; vm++)
			take(vm);
		leave(orders[i][0], STAYS);
		leave(orders[i][1], STAYS);
		leave(orders[i][2], BACK);
		check_empty();
	}
}

static void later_one_inherits_from_earlier(void **state)
{
	(void)state;
	take(0);
	take(1);
	leave(0, STAYS);
	take(2);
	leave(1, STAYS);
	take(0);
	leave(2, STAYS);
	leave(0, BACK);
}

/* One that was killed before it began inherits too, and gives back what it never did
 * itself. */
static void planned_step_is_given_back(void **state)
{
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];

	(void)state;
	take(0);
	assert_int_equal(table_publish(&host, &vms[1], &l, sentence), 0);
	assert_int_equal(l.n_steps, 1);
	assert_string_equal(l.steps[0].step.from, "u0");
	ledger_free(&l);
	leave(0, STAYS);
	leave(1, BACK);
	check_empty();
}

static void planned_step_of_another_keeps_it(void **state)
{
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];

	(void)state;
	assert_int_equal(table_publish(&host, &vms[0], &l, sentence), 0);
	ledger_free(&l);
	take(1);
	leave(1, STAYS);
	leave(0, BACK);
	check_empty();
}

static void kept_step_is_nobodys(void **state)
{
	struct table_vm keeper = vms[0];

	(void)state;
	keeper.wish[0].keep = true;
	assert_int_equal(table_take(&host, &keeper), 0);
	assert_int_equal(table_take(&host, &vms[1]), 0); /* has nothing to do */
	leave(1, "vm", "");
	leave(0, "vm", "");
	check_empty();
}

static void changed_by_somebody_is_left(void **state)
{
	(void)state;
	take(0);
	take(1);
	leave(0, STAYS);
	table_put("shared", "u", "by hand");
	leave(1, "by hand", "changed shared u\n");
	check_empty();
}

static void other_target_value_is_not_shared(void **state)
{
	struct table_vm other = vms[1];

	(void)state;
	strcpy(other.wish[0].to, "else");
	take(0);
	assert_int_equal(table_take(&host, &other), 0);
	leave(1, "vm", "set shared u vm\nback shared u\n");
	leave(0, BACK);
}

/* Who holds what is not known then: what is not given back can be given back by hand. */
static void unreadable_ledger_keeps_it(void **state)
{
	struct ledger l = LEDGER_NONE;
	char sentence[WHY_LEN];
	int r;

	(void)state;
	take(0);
	tree_file(&tree, "run/virt-handoff/ledger/00000000-0000-4000-8000-00000000000b",
		  "garbage\n");
	table_now()->log[0] = '\0';
	r = handover_give_back(&host, vms[0].uuid, &table_report, sentence);
	assert_int_equal(r, -EBADMSG);
	unit_check_sentence(sentence);
	assert_string_equal(table_value("shared", "u"), "vm");
	assert_string_equal(table_now()->log, "failed shared u: Bad message\n");
	assert_int_equal(table_publish(&host, &vms[2], &l, sentence), -EBADMSG);
	unit_check_sentence(sentence);
	assert_int_equal(unlinkat(host.run, "ledger/00000000-0000-4000-8000-00000000000b", 0),
			 0);
	leave(0, BACK);
}

/* a process of its own, whose exit status says whether all was well */
static pid_t start(int (*run)(size_t vm), size_t vm)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run(vm));
	return pid;
}

static void finish(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* as handover_take(): published under the host's lock, applied outside it */
static int come_and_go(size_t vm)
{
	struct table_vm mine = vms[vm];
	char sentence[WHY_LEN];
	struct host h;

	if (host_open(&h, tree.path, table_kinds) < 0)
		return 1;
	for (int i = 0; i < ROUNDS; i++) {
		CLEANUP(ledger_free) struct ledger l = LEDGER_NONE;
		struct lock lock;

		if (lock_take(&h, LOCK_HOST, mine.name, LOCK_WAIT_MS, &lock, sentence) <
		    0)
			return 2;
		if (table_publish(&h, &mine, &l, sentence) < 0)
			return 3;
		lock_drop(&lock);
		if (apply(&h, &l, &table_report, sentence) < 0)
			return 4;
		if (strcmp(table_value("shared", "u"), "vm") != 0)
			return 5;
		if (handover_give_back(&h, mine.uuid, &table_report, sentence) < 0)
			return 6;
	}
	return 0;
}

static void processes_come_and_go(void **state)
{
	pid_t pid[ARRAY_LEN(vms)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vms); i++)
		pid[i] = start(come_and_go, i);
	for (size_t i = 0; i < ARRAY_LEN(vms); i++)
		finish(pid[i]);
	assert_string_equal(table_value("shared", "u"), "u0");
	check_empty();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_leave_in_every_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(three_leave_in_every_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(later_one_inherits_from_earlier, setup,
						teardown),
		cmocka_unit_test_setup_teardown(planned_step_is_given_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(planned_step_of_another_keeps_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(kept_step_is_nobodys, setup, teardown),
		cmocka_unit_test_setup_teardown(changed_by_somebody_is_left, setup,
						teardown),
		cmocka_unit_test_setup_teardown(other_target_value_is_not_shared, setup,
						teardown),
		cmocka_unit_test_setup_teardown(unreadable_ledger_keeps_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(processes_come_and_go, setup, teardown),
	};

	return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
