// SPDX-License-Identifier: GPL-2.0-or-later
/* test-child.c - a program is run with a fixed environment and a deadline */

/*
 * Real: child.c; sh, env and sleep of this machine.
 * Faked: nothing.
 */

#include "child.h"
#include "clock.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char out[64];

static int sh(const char *script, unsigned int deadline_ms)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };

	strcpy(out, "untouched");
	return child_run(argv, deadline_ms, out, sizeof(out));
}

static void output_and_status(void **state)
{
	(void)state;
	assert_int_equal(sh("echo active", 5000), 0);
	assert_string_equal(out, "active");
	assert_int_equal(sh("printf 'a\\nb\\n\\n'; exit 3", 5000), 3);
	assert_string_equal(out, "a\nb\n");
	assert_int_equal(sh("exit 255", 5000), 255);
	assert_string_equal(out, "");
	assert_int_equal(sh("kill -9 $$", 5000), -ECHILD);
}

static void output_nobody_wants(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c", "echo x; exit 2", NULL };

	(void)state;
	assert_int_equal(child_run(argv, 5000, NULL, 0), 2);
}

static void output_that_does_not_fit(void **state)
{
	(void)state;
	assert_int_equal(
		sh("i=0; while [ $i -lt 2000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done; exit 4",
		   20000),
		4);
	assert_in_range(strlen(out), sizeof(out) - 2, sizeof(out) - 1);
	assert_memory_equal(out, "0123456789", 10);
}

/* valgrind cannot share memory with a child that has not yet become another program */
static int not_there(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload") ? 127 : -ENOENT;
}

static void program_that_is_not_there(void **state)
{
	const char *const argv[] = { "/nonexistent/systemctl", NULL };

	(void)state;
	assert_int_equal(child_run(argv, 5000, out, sizeof(out)), not_there());
}

static void arguments_are_not_looked_at(void **state)
{
	const char *const argv[] = { "/bin/echo", "a  b", "$HOME;`id`", "*", NULL };

	(void)state;
	assert_int_equal(child_run(argv, 5000, out, sizeof(out)), 0);
	assert_string_equal(out, "a  b $HOME;`id` *");
}

static void environment_is_fixed(void **state)
{
	const char *const argv[] = { "/usr/bin/env", NULL };

	(void)state;
	assert_int_equal(setenv("LD_PRELOAD_NOT", "x", 1), 0);
	assert_int_equal(setenv("SYSTEMD_LOG_LEVEL", "debug", 1), 0);
	assert_int_equal(child_run(argv, 5000, out, sizeof(out)), 0);
	assert_string_equal(out, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C");
}

static void standard_streams(void **state)
{
	(void)state;
	assert_int_equal(sh("readlink /proc/self/fd/0 /proc/$$/fd/2; cat", 5000), 0);
	assert_string_equal(out, "/dev/null\n/dev/null");
}

static void no_descriptor_of_ours(void **state)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	sh("ls -l /proc/$$/fd | grep -c /dev/zero", 5000);
	assert_string_equal(out, "0");
	close(fd);
}

static void signals_are_not_blocked(void **state)
{
	sigset_t all, old;

	(void)state;
	sigfillset(&all);
	assert_int_equal(sigprocmask(SIG_BLOCK, &all, &old), 0);
	assert_int_equal(sh("grep SigBlk /proc/self/status", 5000), 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
	assert_string_equal(out, "SigBlk:\t0000000000000000");
}

static void deadline(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	assert_int_equal(sh("echo before; exec sleep 60", 2000), -ETIME);
	assert_string_equal(out, "before");
	/* it does not sleep on: a machine that is busy ends it later than we wait for it */
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_int_equal(errno, ECHILD);
	assert_in_range(clock_ms() - begin, 2000, 50000);
}

/* It closed its output and hangs: the deadline is the same one. */
static void deadline_without_output(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	assert_int_equal(sh("exec >/dev/null; exec sleep 60", 300), -ETIME);
	assert_in_range(clock_ms() - begin, 300, 50000);
}

static void wake(int signal)
{
	(void)signal;
}

/* A signal that is handled ends neither the output nor the deadline. */
static void signals_do_not_end_the_wait(void **state)
{
	const struct sigaction handled = { .sa_handler = wake };
	uint64_t begin = clock_ms();

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &handled, NULL), 0);
	assert_int_equal(sh("kill -USR1 $PPID; sleep 0.1; echo after", 5000), 0);
	assert_string_equal(out, "after");
	assert_int_equal(
		sh("exec >/dev/null; sleep 0.1; kill -USR1 $PPID; exec sleep 60", 500),
		-ETIME);
	assert_in_range(clock_ms() - begin, 500, 50000);
	assert_int_equal(signal(SIGUSR1, SIG_DFL) == SIG_ERR, 0);
}

/* What it left running has its output open: that is not waited for longer than the
 * deadline, and it did end. */
static void output_that_stays_open(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	assert_int_equal(sh("sleep 60 & echo started; exit 5", 2000), 5);
	assert_in_range(clock_ms() - begin, 0, 50000);
	assert_string_equal(out, "started");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status),
		cmocka_unit_test(output_nobody_wants),
		cmocka_unit_test(output_that_does_not_fit),
		cmocka_unit_test(program_that_is_not_there),
		cmocka_unit_test(arguments_are_not_looked_at),
		cmocka_unit_test(environment_is_fixed),
		cmocka_unit_test(standard_streams),
		cmocka_unit_test(no_descriptor_of_ours),
		cmocka_unit_test(signals_are_not_blocked),
		cmocka_unit_test(deadline),
		cmocka_unit_test(deadline_without_output),
		cmocka_unit_test(signals_do_not_end_the_wait),
		cmocka_unit_test(output_that_stays_open),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
