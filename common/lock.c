// SPDX-License-Identifier: GPL-2.0-or-later
/* lock.c - bounded advisory locks with the name of who holds one */

#include "lock.h"

#include "clock.h"
#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* flock(2) has no deadline; ten a second would be felt, a hundred costs nothing */
#define POLL_MS 10

/*
 * The file is unlinked by who drops the lock, while it is held. So a lock counts only
 * when the file that was locked is still the one that the name leads to.
 */
static int try_once(int dir, const char *name, int *ret_fd)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
			0600);
	struct stat have, there;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	if (fstat(fd, &have) < 0 || fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
	    have.st_ino != there.st_ino) {
		close(fd);
		return -EAGAIN;
	}
	*ret_fd = fd;
	return 0;
}

static void holder_name(int dir, const char *name, char *ret, size_t size)
{
	if (file_read(dir, name, ret, size) <= 0 &&
	    text_copy(ret, size, "another process") < 0)
		ret[0] = '\0';
}

/* a shared lock that is dropped at once: it is had unless somebody has the other one */
bool lock_holder(const struct host *h, const char *name, char *ret, size_t size)
{
	CLEANUP(close_fd) int dir = -1;
	CLEANUP(close_fd) int fd = -1;

	if (h->run >= 0)
		dir = openat(h->run, "lock", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		fd = openat(dir, name,
			    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return false;
	holder_name(dir, name, ret, size);
	return true;
}

int lock_take(const struct host *h, const char *name, const char *who,
	      unsigned int wait_ms, struct lock *l, char ret_why[static WHY_LEN])
{
	uint64_t end = clock_ms() + wait_ms;
	struct lock got = LOCK_NONE;
	char holder[NAME_LEN + 64];
	int r = text_copy(got.name, sizeof(got.name), name);

	if (r < 0)
		return r;
	got.dir = openat(h->run, "lock", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (got.dir < 0) {
		r = -errno;
		why(ret_why,
		    "/run/virt-handoff/lock: %s: this folder must belong to root and be writable",
		    strerror(-r));
		return r;
	}
	while ((r = try_once(got.dir, name, &got.fd)) == -EAGAIN && clock_left(end) > 0)
		clock_sleep(POLL_MS);
	if (r < 0) {
		holder_name(got.dir, name, holder, sizeof(holder));
		close(got.dir);
		if (r == -EAGAIN)
			why(ret_why,
			    "/run/virt-handoff/lock/%s is held by %s for more than %u s: wait for it, or end it",
			    name, holder, wait_ms / 1000);
		else
			why(ret_why, "/run/virt-handoff/lock/%s: %s", name, strerror(-r));
		return r == -EAGAIN ? -EBUSY : r;
	}
	/* only for messages: a lock without a name in it is as good */
	if (ftruncate(got.fd, 0) == 0)
		dprintf(got.fd, "pid %d, %s\n", (int)getpid(), who);
	*l = got;
	return 0;
}

void lock_drop(struct lock *l)
{
	if (l->fd < 0)
		return;
	unlinkat(l->dir, l->name, 0);
	close(l->fd);
	close(l->dir);
	*l = LOCK_NONE;
}
