/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell-parse.h - inside shell-*.c: the state of one run of shell_each() */
#pragma once

#include "base.h"
#include "shell-loop.h"
#include "shell-variable.h"
#include "shell-words.h"

#include <stdbool.h>

#define SHELL_BLANKS " \t"

/**
 * struct shell - One run of shell_each()
 * @text, @len, @at: What is read, and how far
 * @number:   Of the line that @at is in
 * @plain:    The line is not shell: cut into words alone
 * @line:     The line, with those that it goes on with
 * @words:    What the words of the command are made of, @used bytes
 * @in_word:  The last of @word has begun
 * @skip:     The next word is the file of a redirection
 * @output:   And it is one of the command's output
 * @out:      That word
 * @after:    What stood before the command: ";", "|", "&&"
 * @known:    Variables
 * @loops:    Loops that we are in
 * @turn:     What the last command was to them
 * @column:   Where in the next line to begin
 * @shown:    The line for a message
 */
struct shell {
	const char *text;
	size_t len, at;
	unsigned int number;
	bool plain;
	char line[SHELL_LINE_MAX];
	char words[2 * SHELL_LINE_MAX];
	size_t used;
	struct shell_word word[SHELL_WORDS_MAX];
	size_t n;
	bool in_word, skip, output;
	struct shell_word out;
	char after[3];
	struct shell_variables known;
	struct shell_loops loops;
	enum shell_turn turn;
	size_t column;
	char shown[SHELL_TEXT_LEN];
	struct shell_command command;
	int (*each)(void *data, const struct shell_command *c);
	void *data;
};

/**
 * shell_take_one() - Take the next character of a line, or what belongs together
 * @p:       Where it is; moved on
 *
 * Return:   0, what @each returned, or a negative errno; then @command.problem says why
 */
int shell_take_one(struct shell *s, const char **p) MUST_CHECK;

/**
 * shell_end_command() - Hand the words on, if there are any
 *
 * Return:   As shell_take_one()
 */
int shell_end_command(struct shell *s) MUST_CHECK;

/**
 * shell_too_long() - Note that the line is
 *
 * Return:   -E2BIG
 */
int shell_too_long(struct shell *s) MUST_CHECK;
