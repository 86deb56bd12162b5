// SPDX-License-Identifier: GPL-2.0-or-later
/* clock.c - monotonic milliseconds and deadlines */

#include "clock.h"

#include <limits.h>
#include <time.h>

uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int clock_left(uint64_t end_ms)
{
	uint64_t now = clock_ms();

	if (now >= end_ms)
		return 0;
	return end_ms - now > INT_MAX ? INT_MAX : (int)(end_ms - now);
}

void clock_sleep(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
			      .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0)
		;
}

void clock_pause(unsigned int ms, uint64_t end_ms)
{
	unsigned int left = (unsigned int)clock_left(end_ms);

	clock_sleep(left < ms ? left : ms);
}
