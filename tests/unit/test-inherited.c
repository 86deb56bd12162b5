// SPDX-License-Identifier: GPL-2.0-or-later
/* test-inherited.c - what a program has from whoever started it does no harm */

/*
 * Real: inherited.c, child.c, a child of this program that has lost its descriptors.
 * Faked: nothing.
 */

#include "child.h"
#include "inherited.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const keep[] = { "PATH", "LC_", NULL };

/* in a child: cmocka needs its own descriptors and signals */
static int status_of(int (*act)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(act());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int lose_descriptors(void)
{
	char byte;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	inherited_mend(keep);
	if (open("/dev/null", O_RDWR) <= STDERR_FILENO)
		return 1;
	/* there, and of no use: whoever reads or writes hears of it */
	if (read(STDIN_FILENO, &byte, 1) >= 0 || errno != EBADF)
		return 2;
	if (write(STDOUT_FILENO, "x", 1) >= 0 || write(STDERR_FILENO, "x", 1) >= 0)
		return 3;
	return 0;
}

static void descriptors(void **state)
{
	(void)state;
	assert_int_equal(status_of(lose_descriptors), 0);
}

static int keep_descriptors(void)
{
	int out[2];
	char byte = 0;

	if (pipe(out) < 0 || dup2(out[0], STDIN_FILENO) < 0 ||
	    dup2(out[1], STDOUT_FILENO) < 0)
		return 1;
	inherited_mend(keep);
	return write(STDOUT_FILENO, "x", 1) != 1 || read(STDIN_FILENO, &byte, 1) != 1 ||
	       byte != 'x';
}

static void descriptors_that_are_there(void **state)
{
	(void)state;
	assert_int_equal(status_of(keep_descriptors), 0);
}

static int wait_for_a_child(void)
{
	const char *const argv[] = { "/bin/sh", "-c", "exit 3", NULL };

	signal(SIGCHLD, SIG_IGN);
	if (child_run(argv, 20000, NULL, 0) >= 0)
		return 1; /* then this test is worth nothing */
	inherited_mend(keep);
	return child_run(argv, 20000, NULL, 0) != 3;
}

static void children(void **state)
{
	(void)state;
	assert_int_equal(status_of(wait_for_a_child), 0);
}

static int write_too_much(void)
{
	const struct rlimit none = { 0, 0 };
	char name[] = "/tmp/test-inherited.XXXXXX";
	int fd = mkstemp(name), r;

	unlink(name);
	inherited_mend(keep);
	r = setrlimit(RLIMIT_FSIZE, &none);
	return fd < 0 || r < 0 || write(fd, "x", 1) != -1 || errno != EFBIG;
}

static void a_limit_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(status_of(write_too_much), 0);
}

static int unblock(void)
{
	sigset_t all, now;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGHUP, SIG_IGN);
	inherited_mend(keep);
	sigprocmask(SIG_SETMASK, NULL, &now);
	return sigismember(&now, SIGTERM) || signal(SIGHUP, SIG_DFL) != SIG_IGN;
}

static void signals(void **state)
{
	(void)state;
	assert_int_equal(status_of(unblock), 0);
}

static int forget(void)
{
	static char *variables[] = { "PATHS=1",       "PATH=/bin", "LC_ALL=C",
				     "LD_PRELOAD=x",  "LC=1",      "LIBVIRT_DEBUG=1",
				     "LC_MESSAGES=C", "no_equals", NULL };

	environ = variables;
	inherited_mend(keep);
	if (strcmp(environ[0], "PATH=/bin") != 0 || strcmp(environ[1], "LC_ALL=C") != 0 ||
	    strcmp(environ[2], "LC_MESSAGES=C") != 0 || environ[3])
		return 1;
	environ = NULL;
	inherited_mend(keep);
	return 0;
}

static void variables(void **state)
{
	(void)state;
	assert_int_equal(status_of(forget), 0);
}

/* a lock of whoever started us would be held by what we start */
static int hand_on_nothing(void)
{
	const char *const argv[] = { "/bin/sh", "-c", "[ ! -e /proc/self/fd/9 ]", NULL };

	return dup2(STDERR_FILENO, 9) != 9 || child_run(argv, 20000, NULL, 0) != 0;
}

static void descriptors_of_others(void **state)
{
	(void)state;
	assert_int_equal(status_of(hand_on_nothing), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(descriptors_that_are_there),
		cmocka_unit_test(children),
		cmocka_unit_test(a_limit_is_an_error),
		cmocka_unit_test(signals),
		cmocka_unit_test(variables),
		cmocka_unit_test(descriptors_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
