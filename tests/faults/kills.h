/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kills.h - an event that is killed, and the ways out of what it leaves */
#pragma once

#include "libvirt.h"

#define WAYS_MAX 6

/**
 * struct way - What puts right what a killed program has left
 * @name:    For the report
 * @go:      Returns whether every program in it had success
 */
struct way {
	const char *name;
	bool (*go)(struct text *said);
};

/**
 * struct scene - One event
 * @name:    For the report
 * @ms:      How long it takes in the lab, about; measured in a long run
 * @begin:   What comes before it; NULL: nothing
 * @event:   The program that is killed after some milliseconds (negative: never). Returns as
 *           run_end()
 * @way:     Ways out, one is drawn
 * @mid:     After the way out the host must be as after @begin; then @end. Else as at first
 * @end:     What is left to do; NULL: nothing
 */
struct scene {
	const char *name;
	double ms;
	bool (*begin)(struct text *said);
	int (*event)(double ms, struct text *said);
	struct way way[WAYS_MAX];
	bool mid;
	bool (*end)(struct text *said);
};

extern const struct scene scenes[];
extern const size_t n_scenes;

/* whose events are killed, and who must not notice */
extern struct vm victim, bystander;

/**
 * scenes_begin() - The VMs are there, and the bystander runs
 */
void scenes_begin(void);

/**
 * scenes_end() - Neither is there
 */
void scenes_end(void);
