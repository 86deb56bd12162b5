/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure.h - what every bench needs: a clock, commands that are timed, medians */
#pragma once

#include <stddef.h>

#define SAMPLES_MAX 10000

/**
 * struct spread - What many measurements come to
 * @low, @mid, @high: First quartile, median, third quartile
 * @worst:            The largest
 */
struct spread {
	double low, mid, high, worst;
};

/**
 * struct cost - What one command took
 * @ms:   From before the fork to after the wait
 * @peak: Kilobytes that were resident at most
 */
struct cost {
	double ms;
	long peak;
};

/**
 * now_ms() - Milliseconds of CLOCK_MONOTONIC
 */
double now_ms(void);

/**
 * spread_of() - Sort measurements and say how they lie
 * @v:       Sorted afterwards
 * @n:       How many, at least 1
 */
struct spread spread_of(double *v, size_t n);

/**
 * run_command() - Run a command to its end; the bench ends when the command fails
 * @argv:    Absolute path and arguments; none: nothing is run
 * @input:   File for its standard input
 */
struct cost run_command(char **argv, const char *input);

/**
 * split_commands() - Cut an argument vector at each "--"
 * @ret:     Where each command begins, @n of them
 *
 * Return:   How many there are
 */
size_t split_commands(char **argv, char **ret[], size_t n);
