// SPDX-License-Identifier: GPL-2.0-or-later
/* edit-copy.c - the folder in which a file is while somebody edits it */

#include "edit-copy.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEGIN ".edit." /* then the number of the process */

/* also what an editor leaves beside its file */
static int remove_one(const char *name, void *data)
{
	const struct edit_copy *x = data;

	unlinkat(x->fd, name, 0);
	return 0;
}

static int open_folder(struct edit_copy *x)
{
	x->fd = openat(x->dir, x->folder,
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return x->fd < 0 ? -errno : 0;
}

void edit_copy_drop(struct edit_copy *x)
{
	if (x->fd < 0)
		return;
	(void)!file_each(x->fd, ".", remove_one, x);
	unlinkat(x->dir, x->folder, AT_REMOVEDIR);
	close(x->fd);
	x->fd = -1;
}

static int sweep_one(const char *name, void *data)
{
	const struct edit_copy *new = data;
	struct edit_copy old = { .dir = new->dir, .fd = -1 };
	uint64_t pid;

	if (strncmp(name, BEGIN, strlen(BEGIN)) != 0 ||
	    text_number(name + strlen(BEGIN), INT32_MAX, &pid) < 0 || pid == 0 ||
	    text_copy(old.folder, sizeof(old.folder), name) < 0)
		return 0;
	if (kill((pid_t)pid, 0) < 0 && errno == ESRCH && open_folder(&old) == 0)
		edit_copy_drop(&old);
	return 0;
}

int edit_copy_make(struct edit_copy *x, const char *name, const char *text)
{
	CLEANUP(close_fd) int fd = -1;
	size_t len = strlen(text);
	int r;

	(void)!file_each(x->dir, ".", sweep_one, x);
	r = text_format(x->folder, sizeof(x->folder), BEGIN "%d", (int)getpid());
	if (r == 0 && mkdirat(x->dir, x->folder, 0700) < 0)
		r = -errno;
	if (r == 0)
		r = open_folder(x);
	if (r < 0)
		return r;
	fd = openat(x->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	return write(fd, text, len) == (ssize_t)len ? 0 : -EIO;
}
