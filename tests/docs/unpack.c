// SPDX-License-Identifier: GPL-2.0-or-later
/* unpack.c - write a recorded machine into a folder, for --root; usage: unpack FILE DIR */

#include "machine.h"

#include <fcntl.h>
#include <stdio.h>

int main(int argc, char *argv[])
{
	char why[MACHINE_WHY_LEN];
	struct machine m;
	int dir;

	if (argc != 3)
		return 2;
	dir = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		perror(argv[2]);
		return 1;
	}
	if (machine_read(argv[1], &m, why) < 0 || machine_unpack(&m, dir, why) < 0) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	machine_free(&m);
	return 0;
}
