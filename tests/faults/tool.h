/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tool.h - what soak and kills share: chance, time, files, programs that are run, text that grows */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct text - Text that grows
 * @s:       Owned, ends with NUL; NULL while it is empty
 */
struct text {
	char *s;
	size_t len;
};

/**
 * text_add() - Append, as printf(3); the program ends when there is no memory
 */
void text_add(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * text_read() - Append what a file has, up to 1 MiB
 *
 * Return:   Whether it could be read
 */
bool text_read(struct text *t, const char *path);

/**
 * text_free() - Forget it; it can be used again
 */
void text_free(struct text *t);

/**
 * fail() - Say FAIL and why, as the lab's tests do, and end
 */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/**
 * chance_seed() - Begin the row of numbers that belongs to a seed
 */
void chance_seed(uint64_t seed);

/**
 * chance() - The next number of the row
 *
 * Return:   0 to @n - 1
 */
unsigned int chance(unsigned int n);

/**
 * now_ms() - Milliseconds of CLOCK_MONOTONIC
 */
double now_ms(void);

/**
 * sleep_ms() - Nothing, for so long
 */
void sleep_ms(double ms);

/**
 * file_put() - Write a file whole, or one value into a file of sysfs
 * @text:    As it is, nothing is added
 *
 * Return:   0 or -errno
 */
int file_put(const char *path, const char *text);

/**
 * file_line() - The first line of a file without its newline
 * @ret:     "" when it cannot be read
 */
void file_line(const char *path, char *ret, size_t size);

/**
 * link_name() - The last part of where a link leads
 * @ret:     "-" when there is no such link
 */
void link_name(const char *path, char *ret, size_t size);

/**
 * struct run - A program that runs
 * @profile: AppArmor's, in which it is started; NULL: in none
 * @pid:     Of the program
 * @out:     Standard output and error, read by run_end(), at most what a pipe holds
 */
struct run {
	const char *profile;
	pid_t pid;
	int out;
};

/**
 * run_begin() - Start a program
 * @r:       @profile is given, the rest is filled
 * @argv:    Absolute path and arguments
 * @input:   What it reads from its standard input, shorter than a pipe; NULL: nothing
 *
 * Its environment is the one that libvirtd gives to a hook.
 */
void run_begin(struct run *r, char *const argv[], const char *input);

/**
 * run_end() - Wait for its end
 * @said:    What it has written is appended; NULL: dropped
 *
 * Return:   Its exit status, or minus the signal that ended it
 */
int run_end(struct run *r, struct text *said);

/**
 * run_at() - Run a program and kill it (SIGKILL) after some time
 * @ms:      When; negative: never
 *
 * Return:   As run_end()
 */
int run_at(struct run *r, char *const argv[], const char *input, double ms,
	   struct text *said);

/**
 * run_quietly() - Run a program of the host to its end
 * @said:    As for run_end()
 *
 * Return:   As run_end()
 */
int run_quietly(struct text *said, const char *program, ...) __attribute__((sentinel));
