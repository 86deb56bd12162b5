// SPDX-License-Identifier: GPL-2.0-or-later
/* file.c - small files below a directory: read whole, write once, list */

#include "file.h"

#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* the first read of most XML and ledgers is the only one */
#define READ_CHUNK 65536

static ssize_t read_full(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t r = read(fd, buf + n, size - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	return (ssize_t)n;
}

static ssize_t read_text(int fd, char *ret, size_t size)
{
	ssize_t n = read_full(fd, ret, size);

	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -EFBIG;
	if (n > 0 && ret[n - 1] == '\n')
		n--;
	ret[n] = '\0';
	return n;
}

ssize_t file_read(int dir, const char *path, char *ret, size_t size)
{
	CLEANUP(close_fd)
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : read_text(fd, ret, size);
}

bool file_is_trusted(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	       (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

ssize_t file_read_trusted(int dir, const char *path, char *ret, size_t size)
{
	CLEANUP(close_fd)
	int fd = openat(dir, path,
			O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);

	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	return file_is_trusted(fd, S_IFREG) ? read_text(fd, ret, size) : -EPERM;
}

const char *file_why(int r)
{
	return r == -EPERM
		       ? "it must belong to root, be no link, and be writable by nobody else"
		       : strerror(-r);
}

ssize_t file_read_all(int fd, size_t max, char **ret)
{
	CLEANUP(free_ptr) char *buf = NULL;
	size_t size = 0, have = 0;

	for (;;) {
		size_t want = size ? size * 2 : READ_CHUNK;
		ssize_t n;
		char *more;

		if (want > max + 2)
			want = max + 2;
		more = realloc(buf, want);
		if (!more)
			return -ENOMEM;
		buf = more;
		size = want;
		n = read_full(fd, buf + have, size - 1 - have);
		if (n < 0)
			return n;
		have += (size_t)n;
		if (have > max)
			return -EFBIG;
		if (have < size - 1)
			break;
	}
	buf[have] = '\0';
	*ret = TAKE_PTR(buf);
	return (ssize_t)have;
}

int file_write(int dir, const char *path, const char *value)
{
	CLEANUP(close_fd)
	int fd = openat(dir, path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	size_t len = strlen(value);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = write(fd, value, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int file_link_name(int dir, const char *path, char *ret, size_t size)
{
	char target[PATH_LEN];
	const char *name;
	ssize_t n = readlinkat(dir, path, target, sizeof(target));

	if (n < 0)
		return -errno;
	if ((size_t)n == sizeof(target))
		return -ENAMETOOLONG;
	target[n] = '\0';
	name = strrchr(target, '/');
	return text_copy(ret, size, name ? name + 1 : target);
}

bool file_exists(int dir, const char *path)
{
	return faccessat(dir, path, F_OK, 0) == 0;
}

int file_each(int dir, const char *path, int (*each)(const char *name, void *data),
	      void *data)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;
	DIR *d;
	int r = 0;

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		r = -errno; /* -ENOENT when a process has ended whose folder of /proc it was */
		close(fd);
		return r;
	}
	while (r == 0 && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = each(e->d_name, data);
	closedir(d);
	return r;
}

int file_make_dirs(int dir, const char *path)
{
	char part[PATH_LEN];
	int r = text_copy(part, sizeof(part), path);

	if (r < 0)
		return r;
	for (char *p = part; p;) {
		p = strchr(p + 1, '/');
		if (p)
			*p = '\0';
		if (mkdirat(dir, part, 0700) < 0 && errno != EEXIST)
			return -errno;
		if (p)
			*p = '/';
	}
	return 0;
}
