// SPDX-License-Identifier: GPL-2.0-or-later
/* print.c - what a person reads: tables of 80 columns, and colour on a terminal */

#include "print.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_MIN 80
#define LAST_MIN  20 /* the last column is never narrower, whatever stands before it */
#define BETWEEN   2

static bool has_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && no[0]);
}

const char *tone_begin(enum tone t)
{
	static const char *const code[] = { "", "\033[32m", "\033[33m", "\033[31m",
					    "\033[2m" };

	return has_colour() ? code[t] : "";
}

const char *tone_end(void)
{
	return has_colour() ? "\033[0m" : "";
}

static size_t width(FILE *to)
{
	struct winsize w;

	if (ioctl(fileno(to), TIOCGWINSZ, &w) < 0 || w.ws_col < WIDTH_MIN)
		return WIDTH_MIN;
	return w.ws_col;
}

/* columns on a terminal: bytes that go on with a character of UTF-8 take none */
static size_t shown(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* how many bytes of the text go on this line */
static size_t line_length(const char *text, size_t room)
{
	size_t len = strlen(text), blank = 0;

	if (shown(text, len) <= room)
		return len;
	for (size_t i = 0; i < len && (shown(text, i) <= room || blank == 0); i++)
		if (text[i] == ' ')
			blank = i;
	return blank ? blank : len;
}

static void print_broken(FILE *to, size_t indent, size_t room, const char *text)
{
	for (;;) {
		size_t len = line_length(text, room);

		fprintf(to, "%.*s\n", (int)len, text);
		text += len;
		text += strspn(text, " ");
		if (!*text)
			return;
		fprintf(to, "%*s", (int)indent, "");
	}
}

void print_wrapped(FILE *to, unsigned int indent, const char *text)
{
	size_t all = width(to);

	print_broken(to, indent, all > indent + LAST_MIN ? all - indent : LAST_MIN, text);
}

void table_begin(struct table *t, const char *const *head, size_t n)
{
	*t = (struct table){ .head = head, .n_columns = n };
}

void table_row(struct table *t, const char *const *cells)
{
	char **more = reallocarray(t->cell, t->n_cells + t->n_columns, sizeof(*more));

	if (!more) {
		t->failed = true;
		return;
	}
	t->cell = more;
	for (size_t i = 0; i < t->n_columns; i++) {
		char *copy = strdup(cells[i]);

		if (copy)
			text_clean(copy);
		t->failed |= !copy;
		t->cell[t->n_cells++] = copy;
	}
}

static void print_row(const struct table *t, FILE *to, char *const *cells,
		      const size_t *wide, size_t room)
{
	size_t last = t->n_columns - 1, indent = 0;

	for (size_t i = 0; i < last; i++) {
		size_t blanks = wide[i] - shown(cells[i], strlen(cells[i])) + BETWEEN;

		fprintf(to, "%s%*s", cells[i], (int)blanks, "");
		indent += wide[i] + BETWEEN;
	}
	print_broken(to, indent, room, cells[last]);
}

int table_print(const struct table *t, FILE *to)
{
	size_t wide[TABLE_COLUMNS_MAX] = { 0 }, before = 0, all = width(to), room;

	if (t->failed)
		return -ENOMEM;
	if (t->n_cells == 0)
		return 0;
	for (size_t i = 0; i + 1 < t->n_columns; i++) {
		wide[i] = strlen(t->head[i]);
		for (size_t c = i; c < t->n_cells; c += t->n_columns)
			if (shown(t->cell[c], strlen(t->cell[c])) > wide[i])
				wide[i] = shown(t->cell[c], strlen(t->cell[c]));
		before += wide[i] + BETWEEN;
	}
	room = all > before + LAST_MIN ? all - before : LAST_MIN;
	print_row(t, to, (char *const *)t->head, wide, room);
	for (size_t c = 0; c < t->n_cells; c += t->n_columns)
		print_row(t, to, t->cell + c, wide, room);
	return ferror(to) ? -EIO : 0;
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cell[i]);
	free(t->cell);
	*t = (struct table){ 0 };
}
