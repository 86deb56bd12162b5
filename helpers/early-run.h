/* SPDX-License-Identifier: GPL-2.0-or-later */
/* early-run.h - inside early and late: one run, how it judges, and what is said of it */
#pragma once

#include "early-list.h"
#include "host.h"

#include <stdbool.h>
#include <stdint.h>

#define EARLY_RECORD     "run/virt-handoff/early"
#define EARLY_NEW        "run/virt-handoff/early.new" /* on its way to either */
#define EARLY_RECORD_LEN (EARLY_MAX * 256)
#define EARLY_NEED_LEN   160

/* TAKEN: it is on its VFIO driver; PINNED: it has no driver, and only that one can have it;
 * HELD: a VM has it; NEEDED: the host does */
enum outcome { OPEN, TAKEN, PINNED, HELD, ABSENT, OTHER, CONSOLE, NEEDED, SLOT, FAILED };

/**
 * struct run - One run
 * @host:     The host
 * @end:      clock_ms() of the deadline
 * @late:     In the real root, not in the initramfs
 * @list:     What is asked for
 * @outcome:  Of each
 * @id:       What is at each address, where it is another one
 * @from:     Driver that had it when this run began, "" none
 * @need:     Why the host needs it, where it is NEEDED: "it carries swap on /dev/sda2"
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
	char need[EARLY_MAX][EARLY_NEED_LEN];
	int error[EARLY_MAX];
	char before[EARLY_RECORD_LEN];
};

/**
 * early_begin() - Open the host, read the list, and look whether it counts
 *
 * The list is the one of this host, or, in late, that of the initramfs if it has pinned
 * something. What speaks against it is said, and virt_handoff=off recorded.
 *
 * Return:   Whether there is something to do; early_end() in any case
 */
bool early_begin(struct run *run);

void early_end(struct run *run);

/**
 * early_deadline() - Give the next thing that may hang half of the time that is left
 *
 * The ones behind it get their turn.
 *
 * Return:   false: there is no time left
 */
bool early_deadline(struct run *run);

/**
 * early_judge() - What is not there, is another card, or shows the console is left alone
 *
 * With it the rest of its slot. All others are OPEN afterwards.
 */
void early_judge(struct run *run);

/**
 * early_judge_slots() - Leave what is OPEN in a slot of which a function is left alone
 */
void early_judge_slots(struct run *run);

/**
 * early_pin() - Write driver_override of all that are OPEN and have no driver
 *
 * From then on nothing but its VFIO driver binds to it, whether that is loaded or not.
 */
void early_pin(struct run *run);

/**
 * early_move() - Let the VFIO driver have one that is OPEN; where that is not there, nobody
 */
void early_move(struct run *run, size_t i);

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
