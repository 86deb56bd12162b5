/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell-words.h - the commands in a text of shell lines, each cut into words */
#pragma once

#include "base.h"

#include <stdbool.h>

#define SHELL_LINE_MAX  (32u << 10) /* bytes of a line, those it goes on with included */
#define SHELL_WORDS_MAX 256 /* of one command */
#define SHELL_TEXT_LEN  200 /* of a line, in a message */

/**
 * struct shell_word - A word, quotes and backslashes taken away
 * @text:    What is left
 * @unknown: It has a $VARIABLE, $(COMMAND) or `COMMAND` whose value is not in the text;
 *           @text has it as it was written
 */
struct shell_word {
	const char *text;
	bool unknown;
};

/**
 * struct shell_command - One command of a line
 * @line:    Counted from 1; of a command that goes on in further lines the first one
 * @text:    The whole line for a message, printable, cut when it is long
 * @problem: NULL, or why the line cannot be read; then there are no words
 * @word:    Borrowed, @n of them
 * @out:     Borrowed. File that its output goes to by > or >>, NULL: none
 * @piped:   It reads what the command before it prints
 * @maybe:   It stands behind && or ||, or between if and fi, case and esac, do and done
 */
struct shell_command {
	unsigned int line;
	const char *text;
	const char *problem;
	const struct shell_word *word;
	size_t n;
	const struct shell_word *out;
	bool piped, maybe;
};

/**
 * shell_each() - Read a text and call a function for each command
 * @text:    Bytes
 * @len:     How many
 * @each:    Called with each command and @data; a non-zero return ends the reading
 * @data:    Handed on
 *
 * Nothing is run. Known of the shell: quotes, backslashes, lines that go on, comments,
 * ; & | ( ), redirections (left out but for the file), NAME=VALUE, put in where $NAME stands
 * later in the text, and loops over a list of words, which are gone through word by word. Lines as iptables-save prints them (they begin with -, *, : or a counter
 * [N:N]) are cut into words alone.
 *
 * Return:   0, what @each returned, or -ENOMEM
 */
int shell_each(const char *text, size_t len,
	       int (*each)(void *data, const struct shell_command *c),
	       void *data) MUST_CHECK;
