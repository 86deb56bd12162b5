/* SPDX-License-Identifier: GPL-2.0-or-later */
/* early-run.h - inside early: one run, and what is said of it */
#pragma once

#include "early-list.h"
#include "host.h"

#include <stdbool.h>
#include <stdint.h>

#define EARLY_RECORD     "run/virt-handoff/early"
#define EARLY_RECORD_LEN (EARLY_MAX * 256)

enum outcome { OPEN, TAKEN, ABSENT, OTHER, CONSOLE, SLOT, FAILED };

/**
 * struct run - One run
 * @host:     The host
 * @end:      clock_ms() of the deadline
 * @late:     After udev, not in the initramfs
 * @list:     What is asked for
 * @outcome:  Of each
 * @id:       What is at each address, where it is another one
 * @from:     Driver that had it when this run began, "" none
 * @error:    Of what failed, -errno
 * @before:   What an earlier run of this boot has recorded
 */
struct run {
	struct host host;
	uint64_t end;
	bool late;
	struct early_list list;
	enum outcome outcome[EARLY_MAX];
	struct id_pair id[EARLY_MAX];
	char from[EARLY_MAX][EARLY_DRIVER_LEN];
	int error[EARLY_MAX];
	char before[EARLY_RECORD_LEN];
};

/**
 * early_report() - Say what became of each function, and record it
 *
 * A line a function goes to the kernel's log, but for what an earlier run has said, and
 * into the record.
 */
void early_report(struct run *run);

/**
 * early_record() - Write the record of this boot
 * @record:  Lines, each with its newline
 */
void early_record(struct run *run, const char *record);
