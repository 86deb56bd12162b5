/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz.h - what the fuzzing harnesses share: copies of exact size, what must hold, a guard */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Theory of operation
 *
 * A harness is one file with LLVMFuzzerTestOneInput(). It hands the bytes to the function
 * that reads them in the programs, and looks at what comes out. AddressSanitizer, UBSan
 * and the leak check see what goes wrong inside; fuzz_must() says what else has to hold.
 *
 * The bytes are always a copy of exactly their size, so that one byte read too far is
 * seen. While fuzz_guard() is on, a file may be opened only below a folder that the
 * harness gives: the Makefile puts a function before open(2) and openat(2).
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * fuzz_must() - End with an input to be kept, unless something holds
 * @...:     More about it, as for printf(3)
 */
#define fuzz_must(holds, ...)                                                   \
	do {                                                                    \
		if (!(holds))                                                   \
			fuzz_fail(__FILE__, __LINE__, #holds, " " __VA_ARGS__); \
	} while (0)
void fuzz_fail(const char *file, int line, const char *holds, const char *what, ...)
	PRINTF(4, 5) __attribute__((noreturn));

/**
 * fuzz_text() - The bytes as a text: up to their first NUL, with one behind
 *
 * Return:   Owned by the caller
 */
char *fuzz_text(const uint8_t *data, size_t size);

/**
 * fuzz_bytes() - The bytes as they are, without anything behind them
 *
 * Return:   Owned by the caller
 */
char *fuzz_bytes(const uint8_t *data, size_t size);

/**
 * fuzz_next() - Cut the next part off an input; parts end with a line "%%"
 * @size:    Bytes left, in and out
 * @ret_len: Bytes of the part, without its end
 *
 * Return:   Where the part begins; the last one is what is left, then empty ones
 */
const uint8_t *fuzz_next(const uint8_t **data, size_t *size, size_t *ret_len);

/* One sentence for a person: not empty, in one line, nothing that a terminal obeys */
void fuzz_sentence(const char *why);

/* Text for a person or a file: lines, without control characters */
void fuzz_lines(const char *text);

/* A name or value that may end up in such a line */
void fuzz_plain(const char *text);

/**
 * fuzz_guard() - From now on, only files below the folder of the harness are opened
 */
void fuzz_guard(bool on);

/**
 * fuzz_folder() - A folder of this process alone, gone when it ends
 *
 * Return:   Descriptor of it
 */
int fuzz_folder(void);

/* Make a file below a folder, with the folders above it */
void fuzz_file(int dir, const char *path, const void *bytes, size_t len);
void fuzz_link(int dir, const char *path, const char *target);

/**
 * fuzz_stream() - A stream into memory, so that what is written can be looked at
 */
FILE *fuzz_stream(char **ret, size_t *ret_len);
