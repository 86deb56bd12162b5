/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock.h - monotonic milliseconds and deadlines */
#pragma once

#include <stdint.h>

/**
 * clock_ms() - CLOCK_MONOTONIC
 *
 * Return:   Milliseconds since boot, suspend not counted
 */
uint64_t clock_ms(void);

/**
 * clock_left() - What is left until a deadline
 * @end_ms:  clock_ms() of the deadline
 *
 * Return:   Milliseconds, 0 when it has passed; never above INT_MAX, so that poll(2)
 *           takes it
 */
int clock_left(uint64_t end_ms);

/**
 * clock_sleep() - Sleep; goes on after a signal
 */
void clock_sleep(unsigned int ms);

/**
 * clock_pause() - Sleep, but not beyond a deadline
 * @ms:      How long at most
 * @end_ms:  clock_ms() of the deadline
 */
void clock_pause(unsigned int ms, uint64_t end_ms);
