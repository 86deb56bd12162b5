// SPDX-License-Identifier: GPL-2.0-or-later
/* test-parallel.c - children that work side by side are all waited for, and only they */

/*
 * Real: boot-parallel.c, its children.
 * Faked: what they do.
 */

#include "clock.h"
#include "unit.h"

#include "../../helpers/boot.h"

#include <sys/wait.h>
#include <unistd.h>

static int third_fails(size_t i, void *data)
{
	(void)data;
	return i == 2 ? -1 : 0;
}

static void failures_are_counted(void **state)
{
	(void)state;
	assert_int_equal(in_parallel(0, third_fails, NULL), 0);
	assert_int_equal(in_parallel(2, third_fails, NULL), 0);
	assert_int_equal(in_parallel(8, third_fails, NULL), 1);
}

static int says_when_done(size_t i, void *data)
{
	(void)i;
	clock_sleep(300);
	return write(*(int *)data, "x", 1) != 1;
}

/* a worker that hung in the kernel was left behind, and ends now */
static void another_child_is_none_of_them(void **state)
{
	int pipes[2];
	char done[8];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(in_parallel(2, says_when_done, &pipes[1]), 0);
	close(pipes[1]);
	assert_int_equal(read(pipes[0], done, sizeof(done)), 2);
	close(pipes[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_counted),
		cmocka_unit_test(another_child_is_none_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
