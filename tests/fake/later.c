// SPDX-License-Identifier: GPL-2.0-or-later
/* later.c - time in the fake kernel: what happens later, and locks that are held for a while */
#include "kernel.h"

#include <err.h>
#include <stdlib.h>
#include <time.h>

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void timer_set(struct kernel *k, unsigned int ms,
	       void (*fire)(struct kernel *k, void *arg), void *arg)
{
	struct timer **p = &k->timers, *t = malloc(sizeof(*t));

	if (!t)
		err(1, "fake kernel");
	*t = (struct timer){ .at = now_ms() + ms, .fire = fire, .arg = arg };
	while (*p && (*p)->at <= t->at)
		p = &(*p)->next;
	t->next = *p;
	*p = t;
}

void timer_cancel(struct kernel *k, void *arg)
{
	for (struct timer **p = &k->timers; *p;) {
		struct timer *t = *p;

		if (t->arg == arg) {
			*p = t->next;
			free(t);
		} else {
			p = &t->next;
		}
	}
}

int timer_next(struct kernel *k)
{
	uint64_t now = k->timers ? now_ms() : 0;

	while (k->timers && k->timers->at <= now) {
		struct timer *t = k->timers;

		k->timers = t->next;
		t->fire(k, t->arg);
		free(t);
	}
	return k->timers ? (int)(k->timers->at - now) : -1;
}

static void end_sleep(struct kernel *k, void *lock)
{
	lock_drop(k, lock);
}

/*
 * Whoever is asked again first after lock_drop() is who slept: those that came later wait
 * behind it.
 */
int lock_sleep(struct kernel *k, struct lock *lock, const struct fault *f)
{
	if (lock->held)
		return KERNEL_WAIT;
	if (lock->slept || !f) {
		lock->slept = false;
		return 0;
	}
	lock->held = true;
	if (f->kind != FAULT_HANG && f->n)
		timer_set(k, f->n, end_sleep, lock);
	return KERNEL_WAIT;
}

void lock_drop(struct kernel *k, struct lock *lock)
{
	timer_cancel(k, lock);
	lock->held = false;
	lock->slept = true;
	k->woken = true;
}
