// SPDX-License-Identifier: GPL-2.0-or-later
/* hold.c - has a device node open until it is killed, as QEMU has that of a group; in FILE is its pid */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* hold FILE NODE MAJOR:MINOR - makes the node; says that it has it by FILE */
int main(int argc, char *argv[])
{
	unsigned int major, minor;
	FILE *f;

	if (argc != 4 || sscanf(argv[3], "%u:%u", &major, &minor) != 2)
		return 2;
	/* no driver is behind it: O_PATH does not ask for one */
	if (mknod(argv[2], S_IFCHR | 0600, makedev(major, minor)) < 0 ||
	    open(argv[2], O_PATH | O_CLOEXEC) < 0)
		return 1;
	f = fopen(argv[1], "we");
	if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f) != 0)
		return 1;
	for (;;)
		pause();
}
