// SPDX-License-Identifier: GPL-2.0-or-later
/* tree.c - a temporary folder that plays the root of a host, filled file by file */

#include "tree.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

void tree_make(struct tree *t)
{
	const char *tmp = getenv("TMPDIR");

	assert_int_equal(text_format(t->path, sizeof(t->path), "%s/handoff-XXXXXX",
				     tmp ? tmp : "/tmp"),
			 0);
	assert_non_null(mkdtemp(t->path));
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->fd >= 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tree_remove(struct tree *t)
{
	close(t->fd);
	assert_int_equal(nftw(t->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int tree_setup(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	tree_make(t);
	*state = t;
	return 0;
}

int tree_teardown(void **state)
{
	tree_remove(*state);
	free(*state);
	return 0;
}

void tree_dir(const struct tree *t, const char *path)
{
	assert_int_equal(file_make_dirs(t->fd, path), 0);
}

static void parents(const struct tree *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	char above[PATH_LEN];

	if (!slash)
		return;
	assert_int_equal(
		text_format(above, sizeof(above), "%.*s", (int)(slash - path), path), 0);
	tree_dir(t, above);
}

void tree_file(const struct tree *t, const char *path, const char *text)
{
	size_t len = strlen(text);
	int fd;

	parents(t, path);
	fd = openat(t->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

void tree_link(const struct tree *t, const char *path, const char *target)
{
	parents(t, path);
	assert_true(unlinkat(t->fd, path, 0) == 0 || errno == ENOENT);
	assert_int_equal(symlinkat(target, t->fd, path), 0);
}

const char *tree_text(const struct tree *t, const char *path)
{
	static char text[256 * 1024];
	CLEANUP(close_fd) int fd = openat(t->fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static int count(const char *name, void *data)
{
	(void)name;
	(*(size_t *)data)++;
	return 0;
}

size_t tree_count(const struct tree *t, const char *path)
{
	size_t n = 0;
	int r = file_each(t->fd, path, count, &n);

	assert_true(r == 0 || r == -ENOENT);
	return n;
}

void tree_host(const struct tree *t, struct host *h, const struct kind *const *kinds)
{
	assert_int_equal(host_open(h, t->path, kinds), 0);
	assert_int_equal(host_make_run(h), 0);
}

void tree_function(const struct tree *t, const char *bdf)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), TREE_BRIDGE "%s/class", bdf);
	tree_file(t, path, "0x030200\n");
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", bdf);
	snprintf(target, sizeof(target), "../../../devices/pci0000:e0/0000:e0:01.1/%s",
		 bdf);
	tree_link(t, path, target);
}

void tree_driver(const struct tree *t, const char *bdf, const char *driver)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), TREE_BRIDGE "%s/driver", bdf);
	snprintf(target, sizeof(target), "../../../../bus/pci/drivers/%s", driver);
	tree_link(t, path, target);
}

int rooted_setup(void **state)
{
	struct rooted *at = *state;

	tree_make(&at->tree);
	tree_host(&at->tree, &at->host, NULL);
	return 0;
}

int rooted_teardown(void **state)
{
	struct rooted *at = *state;

	host_close(&at->host);
	tree_remove(&at->tree);
	return 0;
}
