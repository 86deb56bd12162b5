// SPDX-License-Identifier: GPL-2.0-or-later
/* box-files.c - make folders, files and mounts of a sandbox, or end the process */
#include "box-files.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

const char *box_path(char ret[SANDBOX_PATH_LEN], const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(ret, SANDBOX_PATH_LEN, format, ap);
	va_end(ap);
	if (n < 0 || n >= SANDBOX_PATH_LEN)
		errx(1, "sandbox: path too long");
	return ret;
}

void box_dir(const char *path)
{
	char copy[SANDBOX_PATH_LEN];

	box_path(copy, "%s", path);
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			err(1, "sandbox: %s", copy);
		*p = '/';
	}
	if (mkdir(copy, 0755) < 0 && errno != EEXIST)
		err(1, "sandbox: %s", copy);
}

void box_mount(const char *what, const char *where, const char *type, unsigned long flags,
	       const char *data)
{
	if (mount(what, where, type, flags, data) < 0)
		err(1, "sandbox: mount %s on %s", type ? type : what, where);
}

void box_write(const char *path, const void *text, size_t len, mode_t mode)
{
	char dir[SANDBOX_PATH_LEN];
	int fd;

	box_dir(dirname(strcpy(dir, path)));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) < 0)
		err(1, "sandbox: %s", path);
}

char *box_read(const char *path, size_t *ret_len)
{
	size_t len = 0, room = 1 << 16;
	char *text = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (!text || fd < 0)
		err(1, "sandbox: %s", path);
	while ((n = read(fd, text + len, room - len - 1)) > 0) {
		len += (size_t)n;
		if (room - len < 1 << 15) {
			char *more = realloc(text, room *= 2);

			if (!more)
				err(1, "sandbox: %s", path);
			text = more;
		}
	}
	if (n < 0)
		err(1, "sandbox: %s", path);
	close(fd);
	text[len] = '\0';
	*ret_len = len;
	return text;
}

void box_copy(const char *from, const char *to, mode_t mode)
{
	size_t len;
	char *text = box_read(from, &len);

	box_write(to, text, len, mode);
	free(text);
}
