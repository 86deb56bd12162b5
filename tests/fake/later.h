/* SPDX-License-Identifier: GPL-2.0-or-later */
/* later.h - time in the fake kernel: what happens later, and locks that are held for a while */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fault;
struct kernel;

/* "wait until k->woken, and ask again": no errno has this value */
#define KERNEL_WAIT 1

/**
 * struct lock - what holds up whoever comes second
 * @held:   Somebody holds it and sleeps
 * @slept:  That sleep is over: the next who comes is who slept
 */
struct lock {
	bool held;
	bool slept;
};

/**
 * struct timer - something that happens later
 * @next:  List of the kernel, soonest first
 * @at:    When, ms of CLOCK_MONOTONIC
 * @fire:  What
 * @arg:   About what, borrowed
 */
struct timer {
	struct timer *next;
	uint64_t at;
	void (*fire)(struct kernel *k, void *arg);
	void *arg;
};

uint64_t now_ms(void);
void timer_set(struct kernel *k, unsigned int ms,
	       void (*fire)(struct kernel *k, void *arg), void *arg);
void timer_cancel(struct kernel *k, void *arg);

/**
 * timer_next() - Let happen what is due
 *
 * Return:  ms until the next, or -1
 */
int timer_next(struct kernel *k);

/**
 * lock_sleep() - Hold a lock for as long as a fault says
 * @f:  FAULT_HANG, or one of 0 ms: until lock_drop(); another one: its ms; NULL: not at
 *      all
 *
 * Return:  0: go on; KERNEL_WAIT: somebody has it, or the sleep begins. Who is asked
 * again after lock_drop() gets 0
 */
int lock_sleep(struct kernel *k, struct lock *lock, const struct fault *f);
void lock_drop(struct kernel *k, struct lock *lock);
