// SPDX-License-Identifier: GPL-2.0-or-later
/* test-ini-file.c - which file is read as an INI file: owner, mode, links, pipes */

/*
 * Real: ini.c, iniparser, files of every kind in a folder of their own below TMPDIR. Nothing
 * is faked. The test with another owner needs root and is skipped without it.
 */

#include "ini.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define OTHER_USER 65534

static void put(int dir, const char *path, const char *text, mode_t mode)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void check_file_refused(int dir, const char *path, int ret, const char *expected)
{
	char sentence[WHY_LEN] = "";
	struct ini *ini = NULL;

	assert_int_equal(ini_read(dir, path, "vms/x.ini", &ini, sentence), ret);
	assert_null(ini);
	assert_string_equal(sentence, expected);
}

static void check_file_taken(int dir, const char *path)
{
	char sentence[WHY_LEN] = "";
	const struct ini_value *v;
	size_t cursor = 0;
	struct ini *ini;

	assert_int_equal(ini_read(dir, path, "vms/x.ini", &ini, sentence), 0);
	v = ini_next(ini, &cursor);
	assert_non_null(v);
	assert_string_equal(v->section, "a");
	assert_string_equal(v->key, "k");
	assert_string_equal(v->value, "v");
	assert_null(ini_next(ini, &cursor));
	ini_free(ini);
}

static void file_of_ours(void **state)
{
	const struct tree *t = *state;

	put(t->fd, "x.ini", "[a]\nk=v\n", 0644);
	check_file_taken(t->fd, "x.ini");
	assert_int_equal(fchmodat(t->fd, "x.ini", 0400, 0), 0);
	check_file_taken(t->fd, "x.ini");
	assert_int_equal(fchmodat(t->fd, "x.ini", 0600, 0), 0);
	assert_int_equal(mkdirat(t->fd, "sub", 0755), 0);
	put(t->fd, "sub/x.ini", "[a]\nk=v\n", 0600);
	check_file_taken(t->fd, "sub/x.ini");
	put(t->fd, "x.ini", "[a]\nk=1\nk=2\n", 0600);
	check_file_refused(
		t->fd, "x.ini", -EINVAL,
		"vms/x.ini:3: key 'k' stands in [a] twice, first in line 2; remove one");
}

static void mode_of_others(void **state)
{
	const struct tree *t = *state;

	put(t->fd, "x.ini", "[a]\nk=v\n", 0666);
	check_file_refused(
		t->fd, "x.ini", -EPERM,
		"vms/x.ini: others may write to the file (mode 0666); chmod go-w it");
	put(t->fd, "x.ini", "[a]\nk=v\n", 0620);
	check_file_refused(
		t->fd, "x.ini", -EPERM,
		"vms/x.ini: others may write to the file (mode 0620); chmod go-w it");
	put(t->fd, "x.ini", "[a]\nk=v\n", 0600);
	assert_int_equal(fchmod(t->fd, 0770), 0);
	check_file_refused(
		t->fd, "x.ini", -EPERM,
		"vms/x.ini: others may write to the folder it is in (mode 0770); chmod go-w it");
	assert_int_equal(fchmod(t->fd, 0700), 0);
	assert_int_equal(mkdirat(t->fd, "open", 0700), 0);
	put(t->fd, "open/x.ini", "[a]\nk=v\n", 0600);
	assert_int_equal(fchmodat(t->fd, "open", 01777, 0), 0);
	check_file_refused(
		t->fd, "open/x.ini", -EPERM,
		"vms/x.ini: others may write to the folder it is in (mode 1777); chmod go-w it");
}

static void other_owner(void **state)
{
	const struct tree *t = *state;

	if (geteuid())
		unit_skip("only root can give a file to somebody else");
	put(t->fd, "x.ini", "[a]\nk=v\n", 0600);
	assert_int_equal(fchownat(t->fd, "x.ini", OTHER_USER, OTHER_USER, 0), 0);
	check_file_refused(t->fd, "x.ini", -EPERM,
			   "vms/x.ini: the file belongs to user 65534; chown it to root");
	assert_int_equal(fchownat(t->fd, "x.ini", 0, OTHER_USER, 0), 0);
	check_file_taken(t->fd, "x.ini");
	assert_int_equal(fchown(t->fd, OTHER_USER, 0), 0);
	check_file_refused(
		t->fd, "x.ini", -EPERM,
		"vms/x.ini: the folder it is in belongs to user 65534; chown it to root");
	assert_int_equal(fchown(t->fd, 0, 0), 0);
}

static void no_regular_file(void **state)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const struct tree *t = *state;
	int fd;

	check_file_refused(t->fd, "x.ini", -ENOENT, "vms/x.ini: there is no such file");
	check_file_refused(t->fd, "sub/x.ini", -ENOENT,
			   "vms/x.ini: there is no such file");

	put(t->fd, "target", "[a]\nk=v\n", 0600);
	assert_int_equal(symlinkat("target", t->fd, "x.ini"), 0);
	check_file_refused(t->fd, "x.ini", -EPERM,
			   "vms/x.ini: is a symbolic link; put the file itself there");
	assert_int_equal(unlinkat(t->fd, "x.ini", 0), 0);

	assert_int_equal(mkfifoat(t->fd, "x.ini", 0600), 0);
	check_file_refused(t->fd, "x.ini", -EPERM,
			   "vms/x.ini: is not a regular file; put one there");
	assert_int_equal(unlinkat(t->fd, "x.ini", 0), 0);

	assert_int_equal(mkdirat(t->fd, "x.ini", 0700), 0);
	check_file_refused(t->fd, "x.ini", -EPERM,
			   "vms/x.ini: is not a regular file; put one there");
	assert_int_equal(unlinkat(t->fd, "x.ini", AT_REMOVEDIR), 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%.90s/x.ini", t->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
	check_file_refused(t->fd, "x.ini", -EPERM,
			   "vms/x.ini: is not a regular file; put one there");
	close(fd);
}

static void odd_paths(void **state)
{
	char path[2000];
	const struct tree *t = *state;
	char sentence[WHY_LEN] = "";
	struct ini *ini = NULL;

	memset(path, 'p', sizeof(path));
	path[1000] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(ini_read(t->fd, path, "vms/x.ini", &ini, sentence),
			 -ENAMETOOLONG);
	assert_string_equal(sentence, "vms/x.ini: cannot be read: File name too long");
	check_file_refused(t->fd, "", -ENOENT, "vms/x.ini: there is no such file");
	check_file_refused(-1, "x.ini", -EBADF,
			   "vms/x.ini: cannot be read: Bad file descriptor");
}

static void big_file(void **state)
{
	const struct tree *t = *state;

	put(t->fd, "x.ini", "[a]\nk=v\n", 0600);
	assert_int_equal(
		truncate(strcat(strcpy((char[300]){ 0 }, t->path), "/x.ini"), 16 << 20),
		0);
	check_file_refused(t->fd, "x.ini", -EFBIG,
			   "vms/x.ini: the file has more than 262144 bytes; split it");
}

static void no_descriptor_is_left_open(void **state)
{
	const struct tree *t = *state;
	char sentence[WHY_LEN];
	struct ini *ini;
	int before = dup(0), after;

	close(before);
	for (int i = 0; i < 100; i++) {
		put(t->fd, "x.ini", i % 2 ? "[a]\nk=v\n" : "[a\n", 0600);
		if (!ini_read(t->fd, "x.ini", "vms/x.ini", &ini, sentence))
			ini_free(ini);
	}
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
	ini_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file_of_ours),
		TEST(mode_of_others),
		TEST(other_owner),
		TEST(no_regular_file),
		TEST(odd_paths),
		TEST(big_file),
		TEST(no_descriptor_is_left_open),
	};

	return cmocka_run_group_tests_name("ini-file", tests, NULL, NULL);
}
