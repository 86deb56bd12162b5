// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-early-record.c - what this boot did with the functions of the list, and what is so now */

#include "ctl-early.h"

#include "file.h"
#include "pinned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD     "run/virt-handoff/early"
#define RECORD_MAX (EARLY_MAX * 256)

/* a VM may have been faster than the service, or there is no service */
static void print_driver(const struct host *h, const char *line)
{
	char path[PATH_LEN], driver[EARLY_DRIVER_LEN];
	size_t len = strcspn(line, " ");

	if (strncmp(line + len, " pinned: ", 9) != 0)
		return;
	if (text_format(path, sizeof(path), "sys/bus/pci/devices/%.*s/driver", (int)len,
			line) == 0 &&
	    file_link_name(h->root, path, driver, sizeof(driver)) == 0)
		printf("; it is on %s now", driver);
}

void early_print_record(const struct host *h)
{
	CLEANUP(free_ptr) char *record = calloc(1, RECORD_MAX);
	char *next = record, *line;

	if (!record || file_read(h->root, RECORD, record, RECORD_MAX) <= 0)
		return;
	printf("this boot:\n");
	while ((line = strsep(&next, "\n"))) {
		if (!line[0])
			continue;
		printf("%s", line);
		print_driver(h, line);
		printf("\n");
	}
}
