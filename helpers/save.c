// SPDX-License-Identifier: GPL-2.0-or-later
/* save.c - an INI file is put in its place, whole or not at all */

#include "save.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int save_path(int root, const struct guest *g, char ret[static SAVE_PATH_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), INI_FOLDER "/vms/%s.ini", g->uuid);

	if (r < 0)
		return r;
	/* a name that is a UUID would be the file of another VM */
	if (!text_is_name(g->name) || text_is_uuid(g->name) || file_exists(root, path))
		return text_format(ret, SAVE_PATH_LEN, "vms/%s.ini", g->uuid);
	return text_format(ret, SAVE_PATH_LEN, "vms/%s.ini", g->name);
}

static int write_whole(int dir, const char *path, const char *text, mode_t mode)
{
	size_t len = strlen(text);
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0600);
	int r = 0;

	if (fd < 0)
		return -errno;
	for (ssize_t n; len > 0 && r == 0; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n <= 0) {
			r = n < 0 ? -errno : -ENOSPC;
			break;
		}
	}
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	close(fd);
	return r;
}

/* the former file gets a second name, so that there is always one under its own */
static int keep_former(int dir, const char *path)
{
	char former[SAVE_PATH_LEN + 2];
	int r = text_format(former, sizeof(former), "%s~", path);

	if (r < 0)
		return r;
	if (unlinkat(dir, former, 0) < 0 && errno != ENOENT)
		return -errno;
	return linkat(dir, path, dir, former, 0) < 0 && errno != ENOENT ? -errno : 0;
}

static int place(int dir, const char *new, const char *path, bool replace)
{
	int r = replace ? keep_former(dir, path) : 0;

	if (r < 0)
		return r;
	if (replace)
		return renameat(dir, new, dir, path) < 0 ? -errno : 0;
	/* unlike a rename it does not replace what somebody else has written meanwhile */
	if (linkat(dir, new, dir, path, 0) < 0)
		return -errno;
	return unlinkat(dir, new, 0) < 0 ? -errno : 0;
}

int save_text(int root, const char *path, const char *text, bool replace)
{
	CLEANUP(close_fd) int dir = -1;
	mode_t mode = 0644;
	struct stat former;
	char new[32];
	int r = file_make_dirs(root, INI_FOLDER "/vms");

	if (r == 0)
		r = text_format(new, sizeof(new), "vms/.new.%d", (int)getpid());
	if (r < 0)
		return r;
	dir = openat(root, INI_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	if (fstatat(dir, path, &former, AT_SYMLINK_NOFOLLOW) == 0)
		mode &= former.st_mode;
	unlinkat(dir, new, 0); /* of a process that was killed and had this number */
	r = write_whole(dir, new, text, mode);
	if (r == 0)
		r = place(dir, new, path, replace);
	if (r < 0)
		unlinkat(dir, new, 0);
	return r;
}

int save_lock(struct host *h, const char *path, struct lock *l)
{
	const char *slash = strrchr(path, '/');
	char unused[WHY_LEN];
	int r = host_make_run(h);

	if (r == 0)
		r = lock_take(h, slash ? slash + 1 : path, "virt-handoff", 0, l, unused);
	return r;
}
