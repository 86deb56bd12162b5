/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell-loop.h - inside shell-*.c: loops over a list of words, gone through word by word */
#pragma once

#include "base.h"
#include "shell-words.h"

#define SHELL_TURNS_MAX 4096 /* of all loops of a text together */
/* bytes that they read once more, and those of the text twice */
#define SHELL_REREAD_MAX (256u << 10)

/**
 * struct shell_loop - A loop that we are in
 * @name:    Of its variable
 * @value:   Words, each ends with NUL, @n of them; 0: they are not known, and the loop is
 *           gone through once
 * @next:    The word that is next, and where it begins in @value
 * @at, @number, @column: Where its body begins
 */
struct shell_loop {
	char name[64];
	char value[2048];
	size_t n, next, next_at;
	size_t at, column;
	unsigned int number;
};

/**
 * struct shell_loops - Those that we are in
 * @n:       May be more than there is room for; what is above is gone through once
 * @known:   How many of them are gone through word by word
 * @turns:   So far
 * @reread:  Bytes that were read once more for them so far
 */
struct shell_loops {
	struct shell_loop one[4];
	size_t n, known;
	unsigned int turns;
	size_t reread;
};

enum shell_turn {
	SHELL_NO_LOOP, /* the command neither begins nor ends one */
	SHELL_BEGIN, /* of a loop; its body begins behind the command */
	SHELL_AGAIN, /* its body is to be read once more */
	SHELL_END, /* of a loop */
};

/**
 * shell_loop_step() - Take note of a command
 *
 * {1..8} is eight words; patterns for names of files are not known.
 */
enum shell_turn shell_loop_step(struct shell_loops *l, const struct shell_word *word,
				size_t n);

/**
 * shell_loop_top() - The innermost loop, NULL: none, or one without known words
 */
struct shell_loop *shell_loop_top(struct shell_loops *l);

/**
 * shell_loop_value() - The word of this turn; the next call has the next one
 */
const char *shell_loop_value(struct shell_loop *l);
