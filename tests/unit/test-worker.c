// SPDX-License-Identifier: GPL-2.0-or-later
/* test-worker.c - an access that hangs is left behind, and nothing of ours is left with
 * it */

/*
 * Real: worker.c, its child, descriptors, flock(2).
 * Faked: the attribute that hangs is a FIFO that nobody reads: opening it for writing
 * never returns. (In the kernel the child could not even be killed; here it can.)
 */

#include "clock.h"
#include "file.h"
#include "text.h"
#include "tree.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tree tree;
static struct host host;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, NULL), 0);
	tree_file(&tree, "attr", "before\n");
	assert_int_equal(mkfifoat(tree.fd, "hangs", 0600), 0);
	host.deadline_ms = 5000;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_close(&host);
	tree_remove(&tree);
	return 0;
}

struct search {
	int proc;
	pid_t parent;
};

static int find_child(const char *name, void *data)
{
	const struct search *s = data;
	char path[64], text[512], state;
	const char *p;
	int ppid;

	if (name[0] < '0' || name[0] > '9' ||
	    text_format(path, sizeof(path), "%s/stat", name) < 0 ||
	    file_read(s->proc, path, text, sizeof(text)) < 0)
		return 0;
	p = strrchr(text, ')');
	if (!p || sscanf(p, ") %c %d", &state, &ppid) != 2 || ppid != s->parent)
		return 0;
	/* one that was killed and not reaped has ended too */
	return state == 'Z' ? 0 : atoi(name);
}

/* the child of that process, or 0 */
static int child_of(pid_t parent)
{
	CLEANUP(close_fd) int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(proc >= 0);
	return file_each(proc, ".", find_child,
			 &(struct search){ .proc = proc, .parent = parent });
}

static int child_pid(void)
{
	return child_of(getpid());
}

/* on a machine with much to do a child that was killed is there for a while */
static bool has_no_child(void)
{
	uint64_t end = clock_ms() + 20000;

	while (child_pid() != 0 && clock_left(end) > 0)
		clock_sleep(5);
	return child_pid() == 0;
}

static void reads_and_writes(void **state)
{
	char text[16] = "untouched", longest[256], path[PATH_LEN + 8];

	(void)state;
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), 0);
	assert_string_equal(text, "before");
	assert_int_equal(worker_write(&host, "attr", "after\n"), 0);
	assert_string_equal(tree_text(&tree, "attr"), "after\n\n");
	assert_int_equal(worker_read(&host, "none", text, sizeof(text)), -ENOENT);
	assert_int_equal(worker_write(&host, "none", "x"), -ENOENT);
	assert_int_equal(worker_write(&host, ".", "x"), -EISDIR);
	assert_int_equal(worker_read(&host, "attr", text, 3), -EFBIG);
	assert_string_equal(text, "before");
	memset(longest, 'x', sizeof(longest));
	longest[255] = '\0';
	assert_int_equal(worker_write(&host, "attr", longest), 0);
	assert_int_equal(worker_read(&host, "attr", longest, sizeof(longest)), 0);
	assert_int_equal(strlen(longest), 255);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(worker_read(&host, path, text, sizeof(text)), -ENAMETOOLONG);
	assert_int_equal(worker_write(&host, "attr", path), -ENAMETOOLONG);
}

static void longer_than_an_attribute(void **state)
{
	char big[4098], text[8192] = "untouched";

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	tree_file(&tree, "big", big);
	assert_int_equal(worker_read(&host, "big", text, sizeof(text)), -EFBIG);
	assert_string_equal(text, "untouched");
	/* a list of types fills a page */
	big[4096] = '\0';
	tree_file(&tree, "big", big);
	assert_int_equal(worker_read(&host, "big", text, sizeof(text)), 0);
	assert_string_equal(text, big);
}

static void one_child_for_all(void **state)
{
	char text[16];
	int pid;

	(void)state;
	assert_true(has_no_child());
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), 0);
	pid = child_pid();
	assert_true(pid > 0);
	assert_int_equal(worker_write(&host, "attr", "x"), 0);
	assert_int_equal(child_pid(), pid);
	worker_stop(&host);
	assert_true(has_no_child());
	worker_stop(&host);
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), 0);
}

static void hang_is_left_behind(void **state)
{
	uint64_t begin = clock_ms();
	char text[16];

	(void)state;
	host.deadline_ms = 300;
	assert_int_equal(worker_write(&host, "hangs", "x"), -ETIME);
	assert_in_range(clock_ms() - begin, 300, 60000);
	assert_null(host.worker);
	host.deadline_ms = 5000;
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), 0);
	assert_string_equal(text, "before");
}

static void child_that_was_killed(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), 0);
	assert_int_equal(kill(child_pid(), SIGKILL), 0);
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), -EIO);
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), 0);
}

static int note_fd(const char *name, void *data)
{
	if (atoi(name) < 1000) /* valgrind has its own above */
		strcat(strcat(data, name), " ");
	return 0;
}

/* libvirt waits until nobody has the hook's pipes any more. */
static void no_descriptor_is_inherited(void **state)
{
	char path[64], fds[256] = "", target[64], text[16];
	int p[2], n = 0;

	(void)state;
	assert_int_equal(pipe(p), 0); /* not close-on-exec, as what libvirt gives us */
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd", child_pid());
	assert_int_equal(file_each(AT_FDCWD, path, note_fd, fds), 0);
	for (const char *f = fds; (f = strchr(f, ' ')); f++)
		n++;
	assert_int_equal(n, 5);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", child_pid(), i);
		memset(target, 0, sizeof(target));
		assert_true(readlink(path, target, sizeof(target) - 1) > 0);
		assert_string_equal(target, "/dev/null");
	}
	close(p[1]);
	assert_int_equal(read(p[0], text, 1), 0);
	close(p[0]);
}

/* A lock is held by all who have its descriptor: a child that hangs must not have it. */
static void lock_ends_with_the_parent(void **state)
{
	CLEANUP(close_fd) int again = -1;
	char text[16];
	int fd;

	(void)state;
	fd = openat(tree.fd, "attr", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(worker_read(&host, "attr", text, sizeof(text)), 0);
	assert_true(child_pid() > 0);
	close(fd);
	again = openat(tree.fd, "attr", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(again, LOCK_EX | LOCK_NB), 0);
}

/* A hook that is killed must not leave a child that goes on writing. */
static void child_ends_with_the_parent(void **state)
{
	uint64_t end = clock_ms() + 20000;
	pid_t pid, left;
	int status;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid = fork();
	if (pid == 0) {
		host.deadline_ms = 60000;
		(void)!worker_write(&host, "hangs", "x");
		_exit(1);
	}
	while (child_of(pid) == 0 && clock_left(end) > 0)
		clock_sleep(5);
	assert_true(child_of(pid) > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* the tests before this one have left some that were killed, too */
	while ((left = waitpid(-1, NULL, WNOHANG)) >= 0 && clock_left(end) > 0)
		clock_sleep(left == 0 ? 5 : 0);
	assert_int_equal(left, -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_and_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(longer_than_an_attribute, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_child_for_all, setup, teardown),
		cmocka_unit_test_setup_teardown(hang_is_left_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(child_that_was_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(no_descriptor_is_inherited, setup,
						teardown),
		cmocka_unit_test_setup_teardown(lock_ends_with_the_parent, setup,
						teardown),
		cmocka_unit_test_setup_teardown(child_ends_with_the_parent, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
