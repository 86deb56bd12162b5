// SPDX-License-Identifier: GPL-2.0-or-later
/* early.c - in the initramfs, keep the functions of early.list from all drivers but VFIO's */

/*
 * Theory of operation
 *
 * The initramfs runs this before udev loads the first driver:
 *
 *   1. Judge. What is not there, is another card, or shows the console is left alone, and
 *      with it the rest of its slot: half a card is of no use to anybody.
 *   2. Pin. driver_override of all that is left is written: from now on nothing but its
 *      VFIO driver binds to it. An address names one of two identical cards.
 *   3. Where that driver is there already, built in or loaded by somebody, it gets them at
 *      once, and a driver that is built into the kernel is unbound.
 *
 * Loading VFIO takes ten times as long as all this, and nobody needs it before a VM does:
 * `late` does it when the host is up, and the hook when a VM is earlier.
 *
 * A boot is never stopped: whatever may hang in the kernel is done by a child that can be
 * left behind (worker.h), there is one deadline for all, and the exit status is 0. The
 * outcome goes to the kernel's log and, a line a function, into run/virt-handoff/early,
 * which outlives the initramfs.
 */

#include "clock.h"
#include "early-run.h"
#include "log.h"

#include <stdio.h>

#define DEADLINE_MS 2000 /* of a whole run */

static void take(struct run *run)
{
	run->end = clock_ms() + DEADLINE_MS;
	early_judge(run);
	early_pin(run);
	for (size_t i = 0; i < run->list.n; i++)
		if (run->outcome[i] == OPEN)
			early_move(run, i);
	early_report(run);
}

int main(int argc, char *argv[])
{
	static struct run run;

	(void)argv;
	if (argc > 1) {
		fprintf(stderr, "usage: early\n");
		return 2;
	}
	log_open(LOG_SINK_KMSG, "virt-handoff", false);
	if (early_begin(&run))
		take(&run);
	early_end(&run);
	return 0;
}
