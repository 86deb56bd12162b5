// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kill.c - a kill at every single change of a hand-over, and a second one at every
 * change of the way back */

/*
 * Real: apply.c, ledger*.c, handover_give_back(), lock.c, files in a temporary folder,
 * processes that end without warning. Faked: the kinds; they set values in a table in
 * memory (table.c), which the processes share, in two changes each, with a state between
 * them that is neither the old nor the new one.
 *
 * A change is a file made, renamed, unlinked or cut, a write (the process also ends when
 * half of it is written), and each half of setting a value. The C library's functions for
 * these are replaced below.
 */

#include "handover.h"
#include "table.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define UUID_A "00000000-0000-4000-8000-00000000000a"
#define UUID_B "00000000-0000-4000-8000-00000000000b"
#define MANY   1000 /* more changes than there are */

static const struct table_vm vm = {
	.uuid = UUID_A, .name = "vm", .n = 4,
	.wish = {
		{ .kind = "shared", .target = "u", .to = "vm" },
		{ .kind = "own", .target = "x", .to = "vm" },
		{ .kind = "own", .target = "k", .to = "vm", .keep = true },
		{ .kind = "own", .target = "y", .to = "vm" },
	},
};
static const struct table_vm neighbour = {
	.uuid = UUID_B,
	.name = "neighbour",
	.n = 1,
	.wish = { { .kind = "shared", .target = "u", .to = "vm" } },
};

static struct tree tree;
static struct host host;

ssize_t write(int fd, const void *buf, size_t n)
{
	table_tick();
	if (table_due()) {
		syscall(SYS_write, fd, buf, n / 2);
		_exit(TABLE_KILLED);
	}
	return syscall(SYS_write, fd, buf, n);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	table_tick();
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

int unlinkat(int dir, const char *name, int flags)
{
	table_tick();
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}

int symlinkat(const char *target, int dir, const char *name)
{
	table_tick();
	return (int)syscall(SYS_symlinkat, target, dir, name);
}

int ftruncate(int fd, off_t size)
{
	table_tick();
	return (int)syscall(SYS_ftruncate, fd, size);
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
	table_tick();
	return (int)syscall(SYS_fallocate, fd, mode, offset, len);
}

static int take(void)
{
	return table_take(&host, &vm);
}

static int leave(void)
{
	char sentence[WHY_LEN];

	return handover_give_back(&host, UUID_A, &table_report, sentence);
}

/* in a process that ends at change @kill; whether it came to its end before that */
static bool survives(int (*act)(void), unsigned int kill)
{
	int status;
	pid_t pid;

	table_now()->ticks = kill;
	table_now()->log[0] = '\0';
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(act() == 0 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	table_now()->ticks = 0;
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == TABLE_KILLED);
	return WEXITSTATUS(status) == 0;
}

static void begin(bool shared)
{
	table_reset();
	table_put("shared", "u", "u0");
	table_put("own", "x", "x0");
	table_put("own", "k", "k0");
	table_put("own", "y", "y0");
	tree_make(&tree);
	tree_host(&tree, &host, table_kinds);
	if (shared)
		assert_int_equal(table_take(&host, &neighbour), 0);
}

static void check_restored(bool shared)
{
	assert_string_equal(table_value("own", "x"), "x0");
	assert_string_equal(table_value("own", "y"), "y0");
	assert_string_equal(table_value("shared", "u"), shared ? "vm" : "u0");
	assert_int_equal(tree_count(&tree, "run/virt-handoff/ledger"), shared);
	assert_int_equal(tree_count(&tree, "run/virt-handoff/names"), shared);
}

/* the next start and stop work, and the neighbour's own way back */
static void end(bool shared)
{
	char sentence[WHY_LEN];

	check_restored(shared);
	assert_int_equal(take(), 0);
	assert_string_equal(table_value("own", "k"), "vm");
	assert_int_equal(leave(), 0);
	check_restored(shared);
	assert_int_equal(handover_give_back(&host, UUID_B, &table_report, sentence), 0);
	check_restored(false);
	assert_int_equal(tree_count(&tree, "run/virt-handoff/lock"), 0);
	host_close(&host);
	tree_remove(&tree);
}

static unsigned int kill_twice(bool shared, unsigned int first, bool *ret_killed)
{
	unsigned int second = 0;
	bool whole;

	do {
		begin(shared);
		*ret_killed = !survives(take, first);
		whole = survives(leave, ++second);
		if (!whole)
			assert_true(survives(leave, 0));
		end(shared);
	} while (!whole && second < MANY);
	assert_true(whole);
	return second - 1;
}

static void kill_everywhere(bool shared)
{
	unsigned int points = 0, pairs = 0;
	bool killed = true;

	for (unsigned int first = 1; killed; first++) {
		assert_in_range(first, 1, MANY);
		pairs += kill_twice(shared, first, &killed);
		points += killed;
	}
	assert_true(points > 20 && pairs > 200);
	print_message(
		"# %s: killed at %u of %u changes of a hand-over and at %u of %u changes of the way back from there: all restored\n",
		shared ? "with a neighbour" : "alone", points, points, pairs, pairs);
}

static void killed_alone(void **state)
{
	(void)state;
	kill_everywhere(false);
}

static void killed_with_a_neighbour(void **state)
{
	(void)state;
	kill_everywhere(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_alone),
		cmocka_unit_test(killed_with_a_neighbour),
	};

	return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
