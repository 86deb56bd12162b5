// SPDX-License-Identifier: GPL-2.0-or-later
/* shell-lines.c - the lines of a text of shell, in the order in which they would be run */

#include "shell-parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the comment of a line begins, or its end */
static size_t comment_of(const char *line, size_t len)
{
	char quote = '\0';

	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\\' && quote != '\'')
			i++;
		else if (quote ? line[i] == quote : line[i] == '\'' || line[i] == '"')
			quote = quote ? '\0' : line[i];
		else if (!quote && line[i] == '#' &&
			 (i == 0 || strchr(SHELL_BLANKS, line[i - 1])))
			return i;
	}
	return len;
}

static bool is_plain(const char *line)
{
	line += strspn(line, SHELL_BLANKS);
	return (strchr("-*:", *line) && *line && !strchr(SHELL_BLANKS, line[1])) ||
	       (*line == '[' && isdigit((unsigned char)line[1]));
}

/* The next line of the text, without comment: 1 it goes on in the next one, 0, -E2BIG */
static int join_line(struct shell *s, size_t *len)
{
	const char *from = s->text + s->at;
	const char *end = memchr(from, '\n', s->len - s->at);
	size_t n = end ? (size_t)(end - from) : s->len - s->at, cut, slashes = 0;

	s->at += n + 1;
	s->number++;
	if (memchr(from, '\0', n))
		s->command.problem = "the line has a NUL byte in it";
	if (n && from[n - 1] == '\r')
		n--;
	cut = comment_of(from, n);
	/* as much as fits, for the message */
	if (*len + cut + 1 > sizeof(s->line)) {
		cut = sizeof(s->line) - 1 - *len;
		memcpy(s->line + *len, from, cut);
		*len += cut;
		return shell_too_long(s);
	}
	memcpy(s->line + *len, from, cut);
	*len += cut;
	while (cut == n && slashes < *len && s->line[*len - 1 - slashes] == '\\')
		slashes++;
	if (slashes % 2 == 0)
		return 0;
	(*len)--;
	return s->at < s->len;
}

static void show_line(struct shell *s, size_t len)
{
	char *to = s->shown;

	for (size_t i = 0; i < len && to < s->shown + sizeof(s->shown) - 4; i++) {
		bool blank = strchr(SHELL_BLANKS, s->line[i]) && s->line[i];

		if (blank && (to == s->shown || to[-1] == ' '))
			continue;
		*to++ = blank ? ' ' : (unsigned char)s->line[i] < ' ' ? '?' : s->line[i];
	}
	while (to > s->shown && to[-1] == ' ')
		to--;
	*to = '\0';
	if (to == s->shown + sizeof(s->shown) - 4)
		memcpy(to, "...", 4);
}

/* @p: behind a command; @at, @number: of its line. Whether to go on with this line */
static bool follow_loop(struct shell *s, size_t at, unsigned int number, const char *p)
{
	struct shell_loop *loop = shell_loop_top(&s->loops);
	enum shell_turn turn = s->turn;

	s->turn = SHELL_NO_LOOP;
	if (turn == SHELL_BEGIN && loop) {
		loop->at = *p ? at : s->at;
		loop->number = *p ? number : s->number;
		loop->column = *p ? (size_t)(p - s->line) : 0;
	}
	if (turn != SHELL_AGAIN || !loop)
		return true;
	s->at = loop->at;
	s->number = loop->number;
	s->column = loop->column;
	s->after[0] = '\0';
	return false;
}

static int leave_line(struct shell *s)
{
	s->n = 0;
	s->used = 0;
	s->in_word = s->skip = false;
	s->turn = SHELL_NO_LOOP;
	s->command.word = NULL;
	s->command.n = 0;
	s->command.out = NULL;
	return s->each(s->data, &s->command);
}

static int read_line(struct shell *s)
{
	unsigned int number = s->number;
	size_t at = s->at, len = 0;
	const char *p;
	int more, r = 0;

	s->command = (struct shell_command){ .line = number + 1, .text = s->shown };
	do
		more = join_line(s, &len);
	while (more > 0);
	s->line[len] = '\0';
	show_line(s, len);
	s->plain = is_plain(s->line);
	p = s->line + (s->column < len ? s->column : len);
	s->column = 0;
	while (*p && r == 0 && !s->command.problem) {
		r = shell_take_one(s, &p);
		if (r == 0 && !follow_loop(s, at, number, p))
			return 0;
	}
	if (r == 0 && !s->command.problem) {
		r = shell_end_command(s);
		(void)follow_loop(s, at, number, p);
	}
	return s->command.problem ? leave_line(s) : r;
}

int shell_each(const char *text, size_t len,
	       int (*each)(void *data, const struct shell_command *c), void *data)
{
	CLEANUP(free_ptr) struct shell *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return -ENOMEM;
	s->text = text;
	s->len = len;
	s->each = each;
	s->data = data;
	while (s->at < s->len && r == 0)
		r = read_line(s);
	return r;
}
