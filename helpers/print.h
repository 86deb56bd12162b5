/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.h - what a person reads: tables of 80 columns, and colour on a terminal */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 8

enum tone { TONE_PLAIN, TONE_GOOD, TONE_WARNING, TONE_BAD, TONE_FAINT };

/**
 * tone_begin() - What starts a tone on standard output, and tone_end() what ends it
 *
 * Return:   "" when that is no terminal, or NO_COLOR is set; Source: no-color.org
 */
const char *tone_begin(enum tone t);
const char *tone_end(void);

/**
 * struct table - Rows of text
 * @head:    Borrowed. @n_columns headings
 * @cell:    Owned, @n_cells, row by row
 * @failed:  There was no memory for a cell
 */
struct table {
	const char *const *head;
	size_t n_columns;
	char **cell;
	size_t n_cells;
	bool failed;
};

/**
 * table_begin() - An empty table
 * @head:    @n headings, at most TABLE_COLUMNS_MAX; they stay the caller's
 */
void table_begin(struct table *t, const char *const *head, size_t n);

/**
 * table_row() - Add a row
 * @cells:   As many as there are columns; copied, and cleaned as text_clean() does
 */
void table_row(struct table *t, const char *const *cells);

/**
 * table_print() - Print it, the last column broken into lines where it does not fit
 *
 * It is as wide as the terminal; at least 80 columns, and 80 where there is none. Nothing is
 * printed when there are no rows.
 *
 * Return:   0, -ENOMEM or -EIO
 */
int table_print(const struct table *t, FILE *to) MUST_CHECK;

/**
 * print_wrapped() - Print a text broken into lines between words
 * @indent:  Blanks in front of each line but the first, for which the cursor stands there
 *           already
 */
void print_wrapped(FILE *to, unsigned int indent, const char *text);

void table_free(struct table *t);
