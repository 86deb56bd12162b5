/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unit.h - what the unit tests share: random numbers, mutations, skips */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xorshift64: the same numbers on every machine, so that a failure can be seen again */
static inline uint64_t unit_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/**
 * unit_mutate() - Change a text at a few places: bytes changed, cut out or put in
 * @state:   Of unit_random()
 * @text:    Text
 * @len:     Its length
 * @pieces:  Pieces that mean something to the parser, put in here and there
 * @n:       How many
 * @ret_len: Length of the new text
 *
 * Return:   Owned by the caller, no NUL at the end: a sanitizer sees what reads past it
 */
static inline char *unit_mutate(uint64_t *state, const char *text, size_t len,
				const char *const *pieces, size_t n, size_t *ret_len)
{
	char *big = malloc(4 * len + 4096), *ret;
	size_t have = len;

	assert_non_null(big);
	memcpy(big, text, len);
	for (uint64_t left = unit_random(state) % 6 + 1; left; left--) {
		size_t at = unit_random(state) % (have + 1);
		size_t most = have - at < 64 ? have - at : 63;
		size_t size = unit_random(state) % (most + 1);
		const char *piece = pieces[unit_random(state) % n];

		switch (unit_random(state) % 4) {
		case 0:
			if (size)
				big[at] = (char)unit_random(state);
			break;
		case 1:
			memmove(big + at, big + at + size, have - at - size);
			have -= size;
			break;
		case 2:
			memmove(big + at + size, big + at, have - at);
			have += size;
			break;
		default:
			size = strlen(piece);
			memmove(big + at + size, big + at, have - at);
			memcpy(big + at, piece, size);
			have += size;
		}
	}
	ret = malloc(have ? have : 1);
	assert_non_null(ret);
	memcpy(ret, big, have);
	free(big);
	*ret_len = have;
	return ret;
}

/**
 * unit_data() - A whole file of tests/data; tests run in the top folder
 *
 * Return:   Owned by the caller
 */
static inline char *unit_data(const char *name)
{
	char path[256], *text;
	size_t size, len;
	FILE *f;

	snprintf(path, sizeof(path), "tests/data/%s", name);
	f = fopen(path, "re");
	if (!f)
		fail_msg("%s cannot be opened", path);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = (size_t)ftell(f);
	rewind(f);
	text = malloc(size + 1);
	assert_non_null(text);
	len = fread(text, 1, size, f);
	assert_int_equal(len, size);
	text[size] = '\0';
	fclose(f);
	return text;
}

/* One line, not too long, that says something */
static inline void unit_check_sentence(const char *why)
{
	assert_in_range(strlen(why), 10, 511);
	for (const char *p = why; *p; p++)
		assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
}

/* A skip is seen, and is a failure where MUST_RUN=1 says that everything has to run. */
#define unit_skip(reason)                                  \
	do {                                               \
		const char *_must = getenv("MUST_RUN");    \
                                                           \
		printf("SKIP %s: %s\n", __func__, reason); \
		assert_true(!_must || strcmp(_must, "1")); \
		skip();                                    \
	} while (0)
