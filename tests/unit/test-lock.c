// SPDX-License-Identifier: GPL-2.0-or-later
/* test-lock.c - one holder at a time, a bounded wait, and the name of who holds it */

/*
 * Real: lock.c, flock(2), processes, files in a temporary folder.
 * Faked: nothing.
 */

#include "clock.h"
#include "lock.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_HOST "run/virt-handoff/lock/host"
#define PROCESSES 4
#define ROUNDS    200

static struct rooted at;
static char sentence[WHY_LEN];

static size_t lock_files(void)
{
	return tree_count(&at.tree, "run/virt-handoff/lock");
}

/* a process that has the lock until it has slept, or is killed */
static pid_t hold(const char *who, unsigned int ms)
{
	char ready;
	int p[2];
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct lock l;

		if (lock_take(&at.host, LOCK_HOST, who, 1000, &l, sentence) < 0 ||
		    write(p[1], "x", 1) != 1)
			_exit(1);
		clock_sleep(ms);
		lock_drop(&l);
		_exit(0);
	}
	close(p[1]);
	assert_int_equal(read(p[0], &ready, 1), 1);
	close(p[0]);
	return pid;
}

static void finish(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void taken_and_dropped(void **state)
{
	struct lock l = LOCK_NONE;
	char want[64];

	(void)state;
	lock_drop(&l);
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "prepare of vm", 0, &l, sentence),
			 0);
	assert_int_equal(lock_files(), 1);
	snprintf(want, sizeof(want), "pid %d, prepare of vm\n", (int)getpid());
	assert_string_equal(tree_text(&at.tree, FILE_HOST), want);
	lock_drop(&l);
	assert_int_equal(l.fd, -1);
	assert_int_equal(lock_files(), 0);
	lock_drop(&l);
}

static void two_names_are_two_locks(void **state)
{
	struct lock a, b;

	(void)state;
	assert_int_equal(lock_take(&at.host, "a", "x", 0, &a, sentence), 0);
	assert_int_equal(lock_take(&at.host, "b", "x", 0, &b, sentence), 0);
	assert_int_equal(lock_files(), 2);
	lock_drop(&a);
	lock_drop(&b);
	assert_int_equal(lock_files(), 0);
}

static void wait_is_bounded_and_names_the_holder(void **state)
{
	pid_t pid = hold("release of train01", 60000);
	uint64_t begin = clock_ms();
	char want[WHY_LEN];
	struct lock l = LOCK_NONE;

	(void)state;
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "me", 0, &l, sentence), -EBUSY);
	assert_in_range(clock_ms() - begin, 0, 500);
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "me", 1100, &l, sentence),
			 -EBUSY);
	assert_in_range(clock_ms() - begin, 1100, 5000);
	snprintf(
		want, sizeof(want),
		"/run/virt-handoff/lock/host is held by pid %d, release of train01 for more than 1 s: wait for it, or end it",
		(int)pid);
	assert_string_equal(sentence, want);
	assert_int_equal(l.fd, -1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void waits_for_the_holder(void **state)
{
	uint64_t begin = clock_ms();
	pid_t pid = hold("x", 200);
	struct lock l;

	(void)state;
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "me", 10000, &l, sentence), 0);
	assert_in_range(clock_ms() - begin, 100, 9000);
	lock_drop(&l);
	finish(pid);
	assert_int_equal(lock_files(), 0);
}

/* The kernel drops it; the file stays until the next one drops it in order. */
static void killed_holder(void **state)
{
	pid_t pid = hold("a name that is longer than the next", 60000);
	char want[64];
	struct lock l;

	(void)state;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(lock_files(), 1);
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "next", 0, &l, sentence), 0);
	snprintf(want, sizeof(want), "pid %d, next\n", (int)getpid());
	assert_string_equal(tree_text(&at.tree, FILE_HOST), want);
	lock_drop(&l);
	assert_int_equal(lock_files(), 0);
}

static void program_that_is_started_does_not_have_it(void **state)
{
	struct lock l;
	pid_t pid;

	(void)state;
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "me", 0, &l, sentence), 0);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sleep", "sleep", "60", (char *)NULL);
		_exit(1);
	}
	clock_sleep(200);
	lock_drop(&l);
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "me", 0, &l, sentence), 0);
	lock_drop(&l);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void folder_is_wrong(void **state)
{
	struct lock l = LOCK_NONE;

	(void)state;
	tree_link(&at.tree, FILE_HOST, "../names/x");
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "me", 0, &l, sentence), -ELOOP);
	assert_string_equal(
		sentence,
		"/run/virt-handoff/lock/host: Too many levels of symbolic links");
	assert_int_equal(unlinkat(at.tree.fd, FILE_HOST, 0), 0);
	assert_int_equal(unlinkat(at.tree.fd, "run/virt-handoff/lock", AT_REMOVEDIR), 0);
	assert_int_equal(lock_take(&at.host, LOCK_HOST, "me", 0, &l, sentence), -ENOENT);
	assert_string_equal(
		sentence,
		"/run/virt-handoff/lock: No such file or directory: this folder must belong to root and be writable");
	assert_int_equal(l.fd, -1);
}

/* counts in shared memory as nobody may who is not alone */
static int count(volatile unsigned int *n)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct lock l;
		unsigned int seen;

		if (lock_take(&at.host, LOCK_HOST, "counting", 30000, &l, sentence) < 0)
			return 1;
		seen = *n;
		if (i % 16 == 0)
			clock_sleep(1);
		*n = seen + 1;
		lock_drop(&l);
	}
	return 0;
}

static void one_at_a_time(void **state)
{
	unsigned int *n = mmap(NULL, sizeof(*n), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid[PROCESSES];

	(void)state;
	assert_ptr_not_equal(n, MAP_FAILED);
	for (int i = 0; i < PROCESSES; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0)
			_exit(count(n));
	}
	for (int i = 0; i < PROCESSES; i++)
		finish(pid[i]);
	assert_int_equal(*n, PROCESSES * ROUNDS);
	assert_int_equal(lock_files(), 0);
	munmap(n, sizeof(*n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOTED_TEST(taken_and_dropped, &at),
		ROOTED_TEST(two_names_are_two_locks, &at),
		ROOTED_TEST(wait_is_bounded_and_names_the_holder, &at),
		ROOTED_TEST(waits_for_the_holder, &at),
		ROOTED_TEST(killed_holder, &at),
		ROOTED_TEST(program_that_is_started_does_not_have_it, &at),
		ROOTED_TEST(folder_is_wrong, &at),
		ROOTED_TEST(one_at_a_time, &at),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
