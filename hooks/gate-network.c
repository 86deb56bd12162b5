// SPDX-License-Identifier: GPL-2.0-or-later
/* gate-network.c - what libvirt runs for every network event: leaves when nobody has
 * forwards */

/*
 * libvirt runs the network hook for every interface of every VM that starts or stops. As
 * gate.c does for VMs, this program says whether the hook proper is needed: when a
 * running VM has forwards. It reads nothing.
 */

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef HOOK
#define HOOK "/etc/libvirt/hooks/virt-handoff/network"
#endif
/* a file for each running VM that has forwards, see common/book.h */
#define FORWARDS "/run/virt-handoff/forwards"

/* anybody may have set the environment of the daemon: the hook gets a fixed one */
static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
				     NULL };

static bool is_ours(const char *operation)
{
	static const char *const ours[] = { "started", "updated", "port-created" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(operation, ours[i]) == 0)
			return true;
	return false;
}

static bool is_needed(void)
{
	DIR *d = opendir(FORWARDS);
	struct dirent *e;
	bool found = false;

	if (!d)
		return false;
	while (!found && (e = readdir(d)))
		found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return found;
}

int main(int argc, char *argv[])
{
	if (argc < 4) {
		fprintf(stderr,
			"usage: %s NETWORK OPERATION SUB-OPERATION EXTRA, as libvirt calls a network hook\n",
			argv[0]);
		return 2;
	}
	/* an unprivileged daemon runs the same hooks; it owns no rule of the host */
	if (geteuid() != 0 || !is_ours(argv[2]) || !is_needed())
		return 0;
	execve(HOOK, argv, environment);
	fprintf(stderr, "%s cannot be started (%m): install virt-handoff again\n", HOOK);
	return 0; /* a failure would stop the network, or the VM that is given a port of
		     it */
}
