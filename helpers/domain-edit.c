// SPDX-License-Identifier: GPL-2.0-or-later
/* domain-edit.c - lines of a domain XML are taken out and put in, and shown as a difference */

#include "domain-text.h"
#include "print.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3 /* lines, as diff -u has it */

int domain_edits_add(struct domain_edits *e, size_t from, size_t to, char *text)
{
	if (e->n == DOMAIN_EDITS_MAX) {
		free(text);
		return -E2BIG;
	}
	e->edit[e->n++] = (struct domain_edit){ from, to, text };
	return 0;
}

char *domain_edits_apply(const struct domain_edits *e, const char *xml)
{
	char *ret = NULL;
	size_t len, at = 0;
	FILE *f = open_memstream(&ret, &len);
	bool failed;

	if (!f)
		return NULL;
	for (size_t i = 0; i < e->n; i++) {
		fwrite(xml + at, 1, e->edit[i].from - at, f);
		if (e->edit[i].text)
			fputs(e->edit[i].text, f);
		at = e->edit[i].to;
	}
	fputs(xml + at, f);
	failed = ferror(f) || fflush(f) != 0;
	fclose(f);
	if (failed) {
		free(ret);
		return NULL;
	}
	return ret;
}

/**
 * struct line - Of the text, or of what is put in
 * @sign:    ' ', '-' or '+'
 * @old:     Number of the next line of the old text, from 1; @new of the new one
 */
struct line {
	char sign;
	const char *text;
	size_t len;
	size_t old, new;
};

struct lines {
	struct line *line;
	size_t n, room;
	size_t old, new;
};

static int add_lines(struct lines *s, char sign, const char *text, size_t len)
{
	while (len > 0) {
		const char *newline = memchr(text, '\n', len);
		size_t n = newline ? (size_t)(newline - text) + 1 : len;

		if (s->n == s->room) {
			size_t room = s->room ? 2 * s->room : 256;
			void *more = reallocarray(s->line, room, sizeof(*s->line));

			if (!more)
				return -ENOMEM;
			s->line = more;
			s->room = room;
		}
		s->line[s->n++] = (struct line){ sign, text, n - (newline != NULL),
						 s->old, s->new };
		s->old += sign != '+';
		s->new += sign != '-';
		text += n;
		len -= n;
	}
	return 0;
}

/* one past the last line of the hunk that begins with a change at @at */
static size_t hunk_end(const struct lines *s, size_t at)
{
	size_t same = 0;

	for (; at < s->n && same <= 2 * CONTEXT; at++)
		same = s->line[at].sign == ' ' ? same + 1 : 0;
	return same > CONTEXT ? at - (same - CONTEXT) : at;
}

static void print_line(const struct line *l, FILE *to)
{
	enum tone t = l->sign == '+' ? TONE_GOOD : l->sign == '-' ? TONE_BAD : TONE_PLAIN;
	CLEANUP(free_ptr) char *text = strndup(l->text, l->len);
	const char *begin = tone_begin(t);

	if (text)
		text_clean(text);
	fprintf(to, "%s%c%s%s\n", begin, l->sign, text ? text : "",
		*begin ? tone_end() : "");
}

static size_t print_hunk(const struct lines *s, size_t change, FILE *to)
{
	size_t from = change > CONTEXT ? change - CONTEXT : 0, end = hunk_end(s, change);
	size_t old = 0, new = 0;

	for (size_t i = from; i < end; i++) {
		old += s->line[i].sign != '+';
		new += s->line[i].sign != '-';
	}
	fprintf(to, "@@ -%zu,%zu +%zu,%zu @@\n", s->line[from].old, old,
		s->line[from].new, new);
	for (size_t i = from; i < end; i++)
		print_line(&s->line[i], to);
	return end;
}

int domain_edits_print(const struct domain_edits *e, const char *xml, const char *name,
		       FILE *to)
{
	struct lines s = { .old = 1, .new = 1 };
	size_t at = 0;
	int r = 0;

	for (size_t i = 0; i < e->n && r == 0; i++) {
		const struct domain_edit *x = &e->edit[i];

		r = add_lines(&s, ' ', xml + at, x->from - at);
		if (r == 0)
			r = add_lines(&s, '-', xml + x->from, x->to - x->from);
		if (r == 0 && x->text)
			r = add_lines(&s, '+', x->text, strlen(x->text));
		at = x->to;
	}
	if (r == 0)
		r = add_lines(&s, ' ', xml + at, strlen(xml + at));
	if (r == 0)
		fprintf(to, "--- %s, as it is\n+++ %s, as it becomes\n", name, name);
	for (size_t i = 0; i < s.n && r == 0;) {
		if (s.line[i].sign == ' ')
			i++;
		else
			i = print_hunk(&s, i, to);
	}
	free(s.line);
	return r;
}

void domain_edits_free(struct domain_edits *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->edit[i].text);
	e->n = 0;
}
