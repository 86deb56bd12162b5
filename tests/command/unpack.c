// SPDX-License-Identifier: GPL-2.0-or-later
/* unpack.c - make a recorded machine into a folder; each further recording is laid over it */

/*
 * usage: unpack DIR MACHINE...
 *
 * A file or link of a later recording takes the place of what is there.
 */

#include "machine.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

static void make_room(int root, const char *path)
{
	struct stat st;

	if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (unlinkat(root, path, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0)
		err(1, "%s", path);
}

static void unpack(int root, const char *file, bool over)
{
	struct machine m;
	char why[MACHINE_WHY_LEN];

	if (machine_read(file, &m, why) < 0)
		errx(1, "%s: %s", file, why);
	for (size_t i = 0; over && i < m.n; i++)
		if (m.entries[i].kind == MACHINE_LINK ||
		    m.entries[i].kind == MACHINE_FILE)
			make_room(root, m.entries[i].path);
	if (machine_unpack(&m, root, why) < 0)
		errx(1, "%s: %s", file, why);
	machine_free(&m);
}

int main(int argc, char *argv[])
{
	int root;

	if (argc < 3)
		errx(2, "usage: unpack DIR MACHINE...");
	root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		err(1, "%s", argv[1]);
	for (int i = 2; i < argc; i++)
		unpack(root, argv[i], i > 2);
	close(root);
	return 0;
}
