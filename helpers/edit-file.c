// SPDX-License-Identifier: GPL-2.0-or-later
/* edit-file.c - the INI file that somebody edits: locked, read, and looked at again */

#include "edit-file.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INI_MAX (1u << 20)

int edit_read(int dir, const char *path, char **ret)
{
	CLEANUP(close_fd)
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -errno : file_read_all(fd, INI_MAX, ret);

	return n < 0 ? (int)n : 0;
}

/* there may be no host.ini, and that is the same as an empty one */
static int read_file(const struct edit_file *f, char **ret)
{
	int r = edit_read(f->dir, f->path, ret);

	if (r != -ENOENT || f->vm)
		return r;
	*ret = strdup("");
	return *ret ? 0 : -ENOMEM;
}

static int take_lock(struct edit_file *f, struct host *h, char ret_why[static WHY_LEN])
{
	int r = save_lock(h, f->path, &f->lock);

	if (r == -EBUSY)
		why(ret_why, "somebody else is editing /" INI_FOLDER "/%s", f->path);
	else if (r < 0)
		why(ret_why, "/run/virt-handoff/lock: %s", file_why(r));
	return r;
}

int edit_file_open(struct edit_file *f, struct host *h, char ret_why[static WHY_LEN])
{
	int r = file_make_dirs(h->root, INI_FOLDER "/vms");

	if (r == 0) {
		f->dir = openat(h->root, INI_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = f->dir < 0 ? -errno : 0;
	}
	if (r < 0) {
		why(ret_why, "/" INI_FOLDER ": %s", strerror(-r));
		return r;
	}
	r = take_lock(f, h, ret_why);
	if (r < 0)
		return r;
	r = read_file(f, &f->text);
	if (r == -ENOENT)
		why(ret_why,
		    "there is no /" INI_FOLDER "/%s: virt-handoff new %s writes one",
		    f->path, f->vm);
	else if (r < 0)
		why(ret_why, "/" INI_FOLDER "/%s: %s", f->path, strerror(-r));
	return r;
}

bool edit_file_changed(struct edit_file *f)
{
	char *now = NULL; /* stays when it is gone, or cannot be read */
	bool same;

	(void)!read_file(f, &now);
	same = now && strcmp(now, f->text) == 0;
	if (now) {
		free(f->text);
		f->text = now;
	}
	return !same;
}

void edit_file_close(struct edit_file *f)
{
	lock_drop(&f->lock);
	close_fd(&f->dir);
	free(TAKE_PTR(f->text));
}
