// SPDX-License-Identifier: GPL-2.0-or-later
/* played.c - a worker whose writes are answered by a function of the test, at once, as by a kernel */

#include "played.h"

#include "file.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int (*played_kernel)(const char *path, const char *value);
unsigned int played_writes;
char played_last[512];

void played_reset(void)
{
	played_kernel = NULL;
	played_writes = 0;
	played_last[0] = '\0';
}

/* an attribute has the last value alone, whatever its length was; it may have gone */
static void store(int root, const char *path, const char *value)
{
	int fd = openat(root, path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		return;
	assert_int_equal(write(fd, value, strlen(value)), strlen(value));
	close(fd);
}

int worker_write(struct host *h, const char *path, const char *value)
{
	int r;

	if (!file_exists(h->root, path))
		return -ENOENT;
	played_writes++;
	snprintf(played_last, sizeof(played_last), "%s=%s", path, value);
	r = played_kernel ? played_kernel(path, value) : 0;
	if (r == 0)
		store(h->root, path, value);
	return r > 0 ? 0 : r;
}

int worker_read(struct host *h, const char *path, char *ret, size_t size)
{
	ssize_t n = file_read(h->root, path, ret, size);

	return n < 0 ? (int)n : 0;
}

int worker_run(const struct host *h, int (*act)(void *data), void *data)
{
	(void)h;
	return act(data);
}

void worker_stop(struct host *h)
{
	(void)h;
}
