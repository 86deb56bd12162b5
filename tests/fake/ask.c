// SPDX-License-Identifier: GPL-2.0-or-later
/* ask.c - write to the kernel, and see whether it answers as it should */
#include "behaviour.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void check(struct run *r, bool good, const char *what)
{
	r->all++;
	r->good += good;
	if (!good)
		printf("not ok behaviour: %s\n", what);
}

int put(const char *path, const char *value, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), e = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, len) < 0)
		e = errno;
	close(fd);
	return e;
}

void expect(struct run *r, int want, const char *path, const char *value,
	    const char *what)
{
	int have = put(path, value, strlen(value));

	check(r, have == want, what);
	if (have != want)
		printf("    %s < \"%s\": %s, not %s\n", path, value,
		       have ? strerrorname_np(have) : "ok",
		       want ? strerrorname_np(want) : "ok");
}

bool reads(const char *path, const char *want)
{
	char have[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, have, sizeof(have) - 1);

	if (fd >= 0)
		close(fd);
	return n >= 0 && strcmp(have, want) == 0;
}
