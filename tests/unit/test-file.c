// SPDX-License-Identifier: GPL-2.0-or-later
/* test-file.c - small files below a descriptor: read whole, written once, links,
 * listings, folders */

/*
 * Real: file.c, base.c, clock.c, files in a temporary folder, pipes, /dev/full.
 * Faked: nothing.
 */

#include "clock.h"
#include "file.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tree tree;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_remove(&tree);
	return 0;
}

static void reads_whole_or_not(void **state)
{
	char text[8] = "before";

	(void)state;
	tree_file(&tree, "a", "abcdef\n");
	tree_file(&tree, "long", "abcdefgh");
	tree_file(&tree, "two", "ab\n\n");
	tree_file(&tree, "empty", "");
	assert_int_equal(file_read(tree.fd, "none", text, sizeof(text)), -ENOENT);
	assert_string_equal(text, "before");
	assert_int_equal(file_read(tree.fd, "a", text, sizeof(text)), 6);
	assert_string_equal(text, "abcdef");
	assert_int_equal(file_read(tree.fd, "long", text, sizeof(text)), -EFBIG);
	assert_int_equal(file_read(tree.fd, "two", text, sizeof(text)), 3);
	assert_string_equal(text, "ab\n");
	assert_int_equal(file_read(tree.fd, "empty", text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(file_read(tree.fd, ".", text, sizeof(text)), -EISDIR);
}

/* also the folder of all that we write down, see host.c */
static void nobody_else_may_have_written_it(void **state)
{
	struct host h;
	char text[8];

	(void)state;
	tree_file(&tree, "a", "abcdef\n");
	assert_int_equal(fchmodat(tree.fd, "a", 0644, 0), 0);
	assert_int_equal(file_read_trusted(tree.fd, "a", text, sizeof(text)), 6);
	assert_int_equal(file_read_trusted(tree.fd, "none", text, sizeof(text)), -ENOENT);
	assert_int_equal(fchmodat(tree.fd, "a", 0646, 0), 0);
	assert_int_equal(file_read_trusted(tree.fd, "a", text, sizeof(text)), -EPERM);
	assert_int_equal(fchmodat(tree.fd, "a", 0664, 0), 0);
	assert_int_equal(file_read_trusted(tree.fd, "a", text, sizeof(text)), -EPERM);
	assert_int_equal(fchmodat(tree.fd, "a", 0600, 0), 0);
	tree_link(&tree, "link", "a");
	assert_int_equal(file_read_trusted(tree.fd, "link", text, sizeof(text)), -EPERM);
	assert_int_equal(mkfifoat(tree.fd, "pipe", 0600), 0);
	assert_int_equal(file_read_trusted(tree.fd, "pipe", text, sizeof(text)), -EPERM);
	assert_int_equal(file_read_trusted(tree.fd, ".", text, sizeof(text)), -EPERM);

	tree_dir(&tree, "run/virt-handoff");
	assert_int_equal(fchmodat(tree.fd, "run/virt-handoff", 0777, 0), 0);
	assert_int_equal(host_open(&h, tree.path, NULL), 0);
	assert_int_equal(h.run, -1);
	assert_int_equal(host_make_run(&h), -EPERM);
	assert_int_equal(tree_count(&tree, "run/virt-handoff"), 0);
	assert_int_equal(fchmodat(tree.fd, "run/virt-handoff", 0755, 0), 0);
	assert_int_equal(host_make_run(&h), 0);
	assert_int_equal(tree_count(&tree, "run/virt-handoff"), 3);
	host_close(&h);
}

static void fifo_does_not_block(void **state)
{
	char text[8];

	(void)state;
	assert_int_equal(mkfifoat(tree.fd, "fifo", 0600), 0);
	assert_int_equal(file_read(tree.fd, "fifo", text, sizeof(text)), 0);
}

static void reads_to_the_end(void **state)
{
	static const size_t sizes[] = { 0,     1,      65534,  65535, 65536,
					65537, 131070, 131072, 200000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (int more = -1; more <= 1; more++) {
			char *text = malloc(sizes[i] + 1), *ret = NULL;
			size_t max = sizes[i] + (size_t)more;
			CLEANUP(close_fd) int fd = -1;
			ssize_t r;

			if (more < 0 && sizes[i] == 0) {
				free(text);
				continue;
			}
			assert_non_null(text);
			memset(text, 'x', sizes[i]);
			text[sizes[i]] = '\0';
			tree_file(&tree, "f", text);
			fd = openat(tree.fd, "f", O_RDONLY | O_CLOEXEC);
			r = file_read_all(fd, max, &ret);
			assert_int_equal(r, more < 0 ? -EFBIG : (ssize_t)sizes[i]);
			if (r >= 0)
				assert_string_equal(ret, text);
			else
				assert_null(ret);
			free(ret);
			free(text);
		}
}

/* libvirt writes the XML into a pipe in pieces. */
static void reads_a_pipe_in_pieces(void **state)
{
	int p[2];
	char *ret = NULL;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 100; i++)
			if (write(p[1], "0123456789", 10) != 10)
				_exit(1);
		_exit(0);
	}
	close(p[1]);
	assert_int_equal(file_read_all(p[0], 4096, &ret), 1000);
	assert_int_equal(strlen(ret), 1000);
	free(ret);
	close(p[0]);
	assert_int_equal(file_read_all(p[0], 4096, &ret), -EBADF);
}

static void writes_to_what_is_there(void **state)
{
	CLEANUP(close_fd) int dev = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(file_write(tree.fd, "none", "x"), -ENOENT);
	tree_file(&tree, "a", "abc");
	assert_int_equal(file_write(tree.fd, "a", "xy"), 0);
	assert_string_equal(tree_text(&tree, "a"), "xyc"); /* an attribute is not cut */
	tree_link(&tree, "link", "a");
	assert_int_equal(file_write(tree.fd, "link", "q"), -ELOOP);
	assert_string_equal(tree_text(&tree, "a"), "xyc");
	assert_int_equal(file_write(dev, "full", "x"), -ENOSPC);
}

static void links(void **state)
{
	char name[16] = "before", far[PATH_LEN + 2];

	(void)state;
	tree_file(&tree, "file", "");
	tree_link(&tree, "l", "../../bus/pci/drivers/nvidia");
	tree_link(&tree, "plain", "name");
	tree_link(&tree, "long", "x/a-name-that-does-not-fit");
	tree_link(&tree, "dir/file", "../file");
	memset(far, 'x', sizeof(far) - 1);
	far[sizeof(far) - 1] = '\0';
	far[100] = far[200] = far[300] = far[400] = '/';
	tree_link(&tree, "far", far);
	assert_int_equal(file_link_name(tree.fd, "none", name, sizeof(name)), -ENOENT);
	assert_int_equal(file_link_name(tree.fd, "file", name, sizeof(name)), -EINVAL);
	assert_int_equal(file_link_name(tree.fd, "long", name, sizeof(name)),
			 -ENAMETOOLONG);
	assert_int_equal(file_link_name(tree.fd, "far", name, sizeof(name)),
			 -ENAMETOOLONG);
	assert_string_equal(name, "before");
	assert_int_equal(file_link_name(tree.fd, "l", name, sizeof(name)), 0);
	assert_string_equal(name, "nvidia");
	assert_int_equal(file_link_name(tree.fd, "plain", name, sizeof(name)), 0);
	assert_string_equal(name, "name");
	assert_true(file_exists(tree.fd, "dir/file"));
	assert_false(file_exists(tree.fd, "plain")); /* dangling */
}

static int collect(const char *name, void *data)
{
	char *names = data;

	if (strcmp(name, "stop") == 0)
		return 7;
	strcat(strcat(names, name), " ");
	return 0;
}

static void listings(void **state)
{
	char names[64] = "";

	(void)state;
	assert_int_equal(file_each(tree.fd, "none", collect, names), -ENOENT);
	tree_dir(&tree, "d");
	assert_int_equal(file_each(tree.fd, "d", collect, names), 0);
	assert_string_equal(names, "");
	tree_file(&tree, "d/one", "");
	assert_int_equal(file_each(tree.fd, "d", collect, names), 0);
	assert_string_equal(names, "one ");
	assert_int_equal(file_each(tree.fd, "d/one", collect, names), -ENOTDIR);
	tree_file(&tree, "d/stop", "");
	assert_int_equal(file_each(tree.fd, "d", collect, names), 7);
}

static void folders(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(file_make_dirs(tree.fd, "x/y/z"), 0);
	assert_int_equal(file_make_dirs(tree.fd, "x/y/z"), 0);
	assert_int_equal(fstatat(tree.fd, "x/y", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	tree_file(&tree, "x/f", "");
	assert_int_equal(file_make_dirs(tree.fd, "x/f/g"), -ENOTDIR);
}

static void clocks(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	clock_sleep(20);
	assert_in_range(clock_ms() - begin, 20, 5000);
	assert_int_equal(clock_left(begin), 0);
	assert_int_equal(clock_left(0), 0);
	assert_in_range(clock_left(clock_ms() + 10000), 5000, 10000);
	assert_int_equal(clock_left(UINT64_MAX), INT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_whole_or_not, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_else_may_have_written_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(fifo_does_not_block, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_to_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_a_pipe_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_to_what_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(links, setup, teardown),
		cmocka_unit_test_setup_teardown(listings, setup, teardown),
		cmocka_unit_test_setup_teardown(folders, setup, teardown),
		cmocka_unit_test(clocks),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
