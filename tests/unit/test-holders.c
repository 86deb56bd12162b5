// SPDX-License-Identifier: GPL-2.0-or-later
/* test-holders.c - who has a device open or mapped, by pid, command and unit */

/*
 * Real: holders.c; in half of the tests the /proc of this machine and a process that has
 * /dev/full open. Faked: in the other half proc is a temporary folder whose fd links lead
 * to the real /dev/full and /dev/zero. The nodes asked for are filled in by hand.
 */

#include "clock.h"
#include "holders.h"
#include "text.h"
#include "tree.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tree tree;
static struct host host, real;
static struct node one[2];
static struct nodes full, zero;
static pid_t pids[HOLDERS_MAX + 2];

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	tree_dir(&tree, "proc");
	assert_int_equal(host_open(&host, tree.path, NULL), 0);
	assert_int_equal(host_open(&real, "/", NULL), 0);
	one[0] = (struct node){ .dev = makedev(1, 7) };
	one[1] = (struct node){ .dev = makedev(1, 5) };
	full = (struct nodes){ .node = &one[0], .n = 1 };
	zero = (struct nodes){ .node = &one[1], .n = 1 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		if (pids[i] > 0) {
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, 0);
			pids[i] = 0;
		}
	host_close(&host);
	host_close(&real);
	tree_remove(&tree);
	return 0;
}

/* a process that has a device open or mapped, and says when */
static pid_t hold(const char *path, bool map)
{
	int p[2], fd;
	char ready;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (map && mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED)
			close(fd);
		prctl(PR_SET_NAME, "holder of it");
		(void)!write(p[1], "x", 1);
		for (;;)
			pause();
	}
	close(p[1]);
	assert_int_equal(read(p[0], &ready, 1), 1);
	close(p[0]);
	return pid;
}

static void process_that_has_it_open(void **state)
{
	struct holders q[] = { { .nodes = &zero, .n = 5 }, { .nodes = &full, .n = 5 } };

	(void)state;
	pids[0] = hold("/dev/full", false);
	assert_int_equal(holders_find(&real, q, 2), 0);
	assert_int_equal(q[1].n, 1);
	assert_int_equal(q[1].holder[0].pid, pids[0]);
	assert_string_equal(q[1].holder[0].command, "holder of it");
	assert_int_equal(holders_any(&real, &full), 1);
	for (size_t i = 0; i < q[0].n; i++)
		assert_int_not_equal(q[0].holder[i].pid, pids[0]);
	kill(pids[0], SIGKILL);
	waitpid(pids[0], NULL, 0);
	pids[0] = 0;
	assert_int_equal(holders_find(&real, &q[1], 1), 0);
	assert_int_equal(q[1].n, 0);
	assert_int_equal(holders_any(&real, &full), 0);
}

/*
 * The C library's, in its place: a process ends between the open and the fstat of its
 * folder, which fails then since Linux 6.2
 */
static pid_t ends;

DIR *fdopendir(int fd)
{
	DIR *(*real_one)(int fd) = (DIR * (*)(int)) dlsym(RTLD_NEXT, "fdopendir");
	char link[32], folder[64] = "", wanted[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	snprintf(wanted, sizeof(wanted), "/proc/%d/fd", (int)ends);
	if (ends && readlink(link, folder, sizeof(folder) - 1) > 0 &&
	    strcmp(folder, wanted) == 0) {
		kill(ends, SIGKILL);
		waitpid(ends, NULL, 0);
		ends = 0;
	}
	return real_one(fd);
}

static void process_that_ends(void **state)
{
	struct holders q = { .nodes = &full, .n = 5 };

	(void)state;
	pids[0] = ends = hold("/dev/full", false);
	assert_int_equal(holders_find(&real, &q, 1), 0);
	assert_int_equal(ends, 0);
	assert_int_equal(q.n, 0);
	pids[0] = 0;
}

static void process_that_has_it_mapped(void **state)
{
	struct holders q = { .nodes = &zero };
	bool found = false;

	(void)state;
	pids[0] = hold("/dev/zero", true);
	assert_int_equal(holders_find(&real, &q, 1), 0);
	for (size_t i = 0; i < q.n; i++)
		found |= q.holder[i].pid == pids[0];
	assert_true(found);
}

static void block_device_of_the_same_number(void **state)
{
	struct holders q = { .nodes = &full };

	(void)state;
	full.node[0].block = true;
	pids[0] = hold("/dev/full", false);
	assert_int_equal(holders_find(&real, &q, 1), 0);
	assert_int_equal(q.n, 0);
}

static void this_process_is_left_out(void **state)
{
	CLEANUP(close_fd) int fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	struct holders q = { .nodes = &full };

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(holders_find(&real, &q, 1), 0);
	assert_int_equal(q.n, 0);
}

static void more_than_can_be_named(void **state)
{
	struct holders q = { .nodes = &full };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		pids[i] = hold("/dev/full", false);
	assert_int_equal(holders_find(&real, &q, 1), 0);
	assert_int_equal(q.n, HOLDERS_MAX);
}

/* a process in the temporary proc */
static void process(int pid, const char *comm, const char *cgroup, const char *fd1,
		    const char *fd2)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/fd/0", pid);
	tree_link(&tree, path, "/dev/null");
	snprintf(path, sizeof(path), "proc/%d/fd/3", pid);
	if (fd1)
		tree_link(&tree, path, fd1);
	snprintf(path, sizeof(path), "proc/%d/fd/4", pid);
	if (fd2)
		tree_link(&tree, path, fd2);
	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	if (comm)
		tree_file(&tree, path, comm);
	snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	if (cgroup)
		tree_file(&tree, path, cgroup);
}

static void units(void **state)
{
	static const struct {
		const char *cgroup, *unit;
		bool user;
	} rows[] = {
		{ "0::/system.slice/ollama.service\n", "ollama.service", false },
		{ "0::/user.slice/user-1000.slice/session-2.scope\n", "session-2.scope",
		  false },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/pipewire.service\n",
		  "pipewire.service", true },
		{ "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n",
		  "init.scope", true },
		{ "0::/system.slice/a.service/sub/payload\n", "a.service", false },
		{ "0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator\n",
		  "machine-qemu\\x2d1\\x2dvm.scope", false },
		{ "12:pids:/x.service\n1:name=systemd:/system.slice/y.service\n",
		  "y.service", false },
		{ "12:pids:/x.service\n0::/system.slice/z.service\n", "z.service",
		  false },
		/* a name that does not fit gives way to the unit around it */
		{ "0::/system.slice/docker.service/docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\n",
		  "docker.service", false },
		{ "0::/\n", "", false },
		{ "0::/init\n", "", false },
		{ "", "", false },
		{ NULL, "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct holders q = { .nodes = &full };

		process(4242, "python3\n", rows[i].cgroup, "/dev/full", NULL);
		assert_int_equal(holders_find(&host, &q, 1), 0);
		assert_int_equal(q.n, 1);
		assert_int_equal(q.holder[0].pid, 4242);
		assert_string_equal(q.holder[0].command, "python3");
		assert_string_equal(q.holder[0].unit, rows[i].unit);
		assert_int_equal(q.holder[0].user, rows[i].user);
		if (rows[i].cgroup)
			assert_int_equal(unlinkat(tree.fd, "proc/4242/cgroup", 0), 0);
	}
}

static void several_descriptors_are_one_holder(void **state)
{
	struct holders q[] = { { .nodes = &full }, { .nodes = &zero } };

	(void)state;
	process(10, "a\n", NULL, "/dev/full", "/dev/full");
	process(11, "nvidia-persiste\n", NULL, "/dev/full", "/dev/zero");
	tree_file(
		&tree, "proc/10/maps",
		"7f00-7f01 r--p 00000000 00:05 5 /dev/full\n7f01-7f02 r--p 0 00:05 5 /dev/zero\n");
	assert_int_equal(holders_find(&host, q, 2), 0);
	assert_int_equal(q[0].n, 2);
	assert_int_equal(q[1].n, 2);
	/* the longest name that the kernel keeps, in one of the two orders of /proc */
	assert_int_equal(strlen(q[0].holder[0].command) + strlen(q[0].holder[1].command),
			 1 + 15);
}

/* What is no device costs no stat(2): a dead NFS mount must not hang us. */
static void other_descriptors(void **state)
{
	struct holders q = { .nodes = &full };

	(void)state;
	process(10, "a\n", NULL, "socket:[123]", "/home/dev/full");
	process(11, NULL, NULL, "/dev/nonexistent", "/dev/full-not (deleted)");
	tree_dir(&tree, "proc/self");
	tree_dir(&tree, "proc/12"); /* ended meanwhile */
	tree_file(&tree, "proc/meminfo", "x");
	assert_int_equal(holders_find(&host, &q, 1), 0);
	assert_int_equal(q.n, 0);
	process(11, NULL, NULL, "/dev/full", NULL);
	assert_int_equal(holders_find(&host, &q, 1), 0);
	assert_int_equal(q.n, 1);
	assert_string_equal(q.holder[0].command, "");
}

static void nothing_asked_nothing_read(void **state)
{
	static const struct nodes none;
	struct holders q = { .nodes = &none, .n = 3 };

	(void)state;
	assert_int_equal(unlinkat(tree.fd, "proc", AT_REMOVEDIR), 0);
	assert_int_equal(holders_find(&host, &q, 1), 0);
	assert_int_equal(q.n, 0);
	q.nodes = &full;
	assert_int_equal(holders_find(&host, &q, 1), -ENOENT);
	assert_int_equal(holders_any(&host, &none), 0);
	assert_int_equal(holders_any(&host, &full), -ENOENT);
}

static void described(void **state)
{
	struct holder x[HOLDERS_MAX] = {
		{ .pid = 1234, .command = "ollama", .unit = "ollama.service" },
		{ .pid = 7, .command = "Xorg" },
	};
	char text[128], small[20];

	(void)state;
	holders_describe(x, 1, text, sizeof(text));
	assert_string_equal(text, "ollama.service (pid 1234, ollama)");
	holders_describe(x, 2, text, sizeof(text));
	assert_string_equal(text, "ollama.service (pid 1234, ollama), Xorg (pid 7)");
	holders_describe(x + 1, 1, text, sizeof(text));
	assert_string_equal(text, "Xorg (pid 7)");
	for (size_t size = 1; size <= sizeof(small); size++) {
		holders_describe(x, 2, small, size);
		assert_int_equal(strlen(small), size - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(process_that_has_it_open, setup,
						teardown),
		cmocka_unit_test_setup_teardown(process_that_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(process_that_has_it_mapped, setup,
						teardown),
		cmocka_unit_test_setup_teardown(block_device_of_the_same_number, setup,
						teardown),
		cmocka_unit_test_setup_teardown(this_process_is_left_out, setup,
						teardown),
		cmocka_unit_test_setup_teardown(more_than_can_be_named, setup, teardown),
		cmocka_unit_test_setup_teardown(units, setup, teardown),
		cmocka_unit_test_setup_teardown(several_descriptors_are_one_holder, setup,
						teardown),
		cmocka_unit_test_setup_teardown(other_descriptors, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_asked_nothing_read, setup,
						teardown),
		cmocka_unit_test(described),
	};

	return cmocka_run_group_tests_name("holders", tests, NULL, NULL);
}
