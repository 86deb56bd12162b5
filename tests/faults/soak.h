/* SPDX-License-Identifier: GPL-2.0-or-later */
/* soak.h - what soak's rounds and their judge share */
#pragma once

#include "libvirt.h"

#define CARDS 8

enum act { START, START_BROKEN, STOP };

/**
 * struct action - What happens to one VM in a round
 * @pid:     Who does it
 * @from:    Read end of what it says
 * @status:  Its exit status
 * @softly:  By shutdown, as a person does; else by destroy
 */
struct action {
	struct vm *v;
	enum act act;
	bool softly;
	pid_t pid;
	int from;
	int status;
	double begun;
	struct text said;
};

extern struct vm vms[VMS_MAX];

/**
 * struct sum - What a run comes to
 * @second_looks: Rounds after which the host had to be looked at again
 * @watch_fds, @watch_kb: What the watch had open, and its memory, at most
 */
struct sum {
	unsigned int starts, refused, broken, stops, by_hand, second_looks;
	double start_ms, stop_ms;
	long watch_fds, watch_kb;
};

extern struct sum sum;

/**
 * draw_vm() - What the n-th VM wants
 */
void draw_vm(struct vm *v, unsigned int i);

/**
 * wants_card() - Whether it has this card among what it wants
 */
bool wants_card(const struct vm *v, size_t card);

/**
 * is_free() - Whether no VM that runs wants this card
 */
bool is_free(size_t card);

/**
 * collide() - Whether two VMs cannot run side by side
 */
bool collide(const struct vm *a, const struct vm *b);

/**
 * judge() - Whether what came out of an action can be right; the program ends when not
 * @x:       One of @a
 * @a:       What happened side by side, @n of them; vm.runs is as it was before
 */
void judge(const struct action *x, const struct action *a, size_t n);

/**
 * prove() - Whether look and judge notice what they are for: it is done to the host on purpose
 *
 * The program ends when one does not. The host is as before.
 *
 * Return:   Whether it could be tried: a VM has a port, and a card has nobody
 */
bool prove(bool played);
