/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell-variable.h - inside shell-*.c: what a text says of its variables */
#pragma once

#include "base.h"
#include "shell-words.h"

#define SHELL_NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/**
 * struct shell_variable - NAME=VALUE that stood in the text
 * @value:   "" not known
 * @depth:   How many if, case and loops it stood in
 */
struct shell_variable {
	char name[64];
	char value[256];
	unsigned int depth;
};

/**
 * struct shell_variables - Those so far
 * @one:     @n of them; what is above the bound is not known
 * @depth:   How many if, case and loops we are in
 */
struct shell_variables {
	struct shell_variable one[256];
	size_t n;
	unsigned int depth;
};

/**
 * shell_value() - What $NAME is
 *
 * Return:   Borrowed, NULL: not known
 */
const char *shell_value(const struct shell_variables *s, const char *name, size_t len);

/**
 * shell_learn() - Take what a command says: NAME=VALUE, for NAME, if, else, fi
 */
void shell_learn(struct shell_variables *s, const struct shell_word *word, size_t n);

/**
 * shell_set() - NAME is VALUE from now on; "" is not known
 */
void shell_set(struct shell_variables *s, const char *name, size_t len,
	       const char *value);

/**
 * shell_end_branch() - A branch of if or case ends: what was set in it may not have been
 * set
 */
void shell_end_branch(struct shell_variables *s);
