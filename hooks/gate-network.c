// SPDX-License-Identifier: GPL-2.0-or-later
/* gate-network.c - what libvirt runs for every network event: leaves when nobody has
 * forwards */

/*
 * libvirt runs the network hook for every interface of every VM that starts or stops. As
 * gate.c does for VMs, this program says whether the hook proper is needed: when a
 * running VM has forwards. It reads nothing.
 */

#include "small.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef HOOK
#define HOOK "/etc/libvirt/hooks/virt-handoff/network"
#endif

static bool is_ours(const char *operation)
{
	static const char *const ours[] = { "started", "updated", "port-created" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(operation, ours[i]) == 0)
			return true;
	return false;
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
	if (geteuid() != 0 || small_is_copy(argv[0]) || !is_ours(argv[2]) ||
	    !small_has_files(SMALL_FORWARDS))
		return 0;
	small_exec(HOOK, argv);
	fprintf(stderr, "%s cannot be started (%m): install virt-handoff again\n", HOOK);
	return 0; /* a failure would stop the network, or the VM that is given a port of
		     it */
}
