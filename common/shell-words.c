// SPDX-License-Identifier: GPL-2.0-or-later
/* shell-words.c - the commands in a text of shell lines, each cut into words */

#include "shell-words.h"

#include "shell-variable.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

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
	char shown[SHELL_TEXT_LEN];
	struct shell_command command;
	int (*each)(void *data, const struct shell_command *c);
	void *data;
};

/* ---- words ---- */

static int too_long(struct shell *s)
{
	s->command.problem = "the line is too long";
	return -E2BIG;
}

static int begin_word(struct shell *s)
{
	if (s->in_word)
		return 0;
	if (s->n == SHELL_WORDS_MAX)
		return too_long(s);
	s->word[s->n++] = (struct shell_word){ .text = s->words + s->used };
	s->in_word = true;
	return 0;
}

static int put(struct shell *s, const char *bytes, size_t len)
{
	int r = begin_word(s);

	if (r < 0)
		return r;
	if (s->used + len + 1 > sizeof(s->words))
		return too_long(s);
	memcpy(s->words + s->used, bytes, len);
	s->used += len;
	return 0;
}

static void end_word(struct shell *s)
{
	if (!s->in_word)
		return;
	s->words[s->used++] = '\0';
	s->in_word = false;
	if (s->skip)
		s->n--;
	if (s->skip && s->output)
		s->out = s->word[s->n];
	s->skip = false;
}

static int end_command(struct shell *s)
{
	int r = 0;

	end_word(s);
	if (s->n) {
		s->command.word = s->word;
		s->command.n = s->n;
		s->command.out = s->out.text ? &s->out : NULL;
		s->command.piped = strcmp(s->after, "|") == 0;
		s->command.maybe = s->known.depth || text_has_word("&& ||", s->after);
		r = s->each(s->data, &s->command);
		shell_learn(&s->known, s->word, s->n);
		s->after[0] = '\0';
	}
	s->n = 0;
	s->used = 0;
	s->skip = false;
	s->out.text = NULL;
	return r;
}

/* Where "$(...)", "${...}" or "`...`" ends; quotes within are not looked at */
static const char *end_of_expansion(const char *p)
{
	char open = *p == '`' ? '`' : p[1], close = open == '('   ? ')'
						    : open == '{' ? '}'
								  : '`';
	size_t depth = 1;

	for (p += open == '`' ? 1 : 2; *p; p++) {
		if (*p == close && --depth == 0)
			return p + 1;
		if (*p == open)
			depth++;
	}
	return p;
}

static int put_unknown(struct shell *s, const char **p, const char *end)
{
	int r = put(s, *p, (size_t)(end - *p));

	if (r == 0)
		s->word[s->n - 1].unknown = true;
	*p = end;
	return r;
}

/* Outside of quotes a value with blanks is several words. */
static int put_value(struct shell *s, const char *value, bool quoted)
{
	int r = 0;

	for (; *value && r == 0; value++) {
		if (quoted || !strchr(BLANKS, *value))
			r = put(s, value, 1);
		else
			end_word(s);
	}
	return r;
}

/* $NAME, ${NAME}, and what cannot be known: $1, ${a[0]}, $(command) */
static int expand(struct shell *s, const char **p, bool quoted)
{
	const char *name = *p + 1 + ((*p)[1] == '{'), *end;
	size_t len = strspn(name, SHELL_NAME_CHARS);
	const char *value = NULL;

	if ((*p)[1] == '(' || (*p)[1] == '{' || **p == '`')
		end = end_of_expansion(*p);
	else if (isdigit((unsigned char)*name) || strchr("@*#?$!-", *name))
		end = name + (*name != '\0');
	else
		end = name + len;
	if (end == name + len + ((*p)[1] == '{'))
		value = shell_value(&s->known, name, len);
	if (!value)
		return put_unknown(s, p, end);
	*p = end;
	return put_value(s, value, quoted);
}

static int unclosed(struct shell *s, char quote)
{
	s->command.problem = quote == '"' ? "the quote \" is not closed in this line"
					  : "the quote ' is not closed in this line";
	return -EINVAL;
}

/* @p is at a quote; afterwards behind the one that closes it */
static int take_quoted(struct shell *s, const char **p)
{
	char quote = *(*p)++;
	int r = begin_word(s);

	while (r == 0 && **p && **p != quote) {
		if (quote == '"' && **p == '\\' && (*p)[1] && strchr("\"\\$`", (*p)[1])) {
			r = put(s, *p + 1, 1);
			*p += 2;
		} else if (quote == '"' && (**p == '$' || **p == '`')) {
			r = expand(s, p, true);
		} else {
			r = put(s, (*p)++, 1);
		}
	}
	if (r < 0)
		return r;
	if (!**p)
		return unclosed(s, quote);
	(*p)++;
	return 0;
}

/* "> FILE", "2>&1", "<<END": the word of the file is left out, and a number before */
static void take_redirection(struct shell *s, const char **p)
{
	bool number = s->in_word;
	int fd = 1;

	for (const char *c = number ? s->word[s->n - 1].text : "";
	     number && c < s->words + s->used; c++)
		number = isdigit((unsigned char)*c);
	if (number) {
		s->n--;
		s->in_word = false;
		s->words[s->used] = '\0';
		fd = atoi(s->word[s->n].text);
	}
	end_word(s);
	/* of its output, and to a file, not to another descriptor */
	s->output = **p == '>' && fd == 1 && (*p)[strspn(*p, ">|")] != '&';
	*p += strspn(*p, "<>&|-");
	s->skip = true;
}

static int take_one(struct shell *s, const char **p)
{
	if (strchr(BLANKS, **p)) {
		end_word(s);
		(*p)++;
		return 0;
	}
	if (**p == '\'' || **p == '"')
		return take_quoted(s, p);
	if (**p == '$' || **p == '`')
		return expand(s, p, false);
	if (**p == '\\') {
		*p += (*p)[1] ? 2 : 1;
		return put(s, *p - 1, 1);
	}
	if (!s->plain && strchr(";&|()", **p)) {
		bool branch = strncmp(*p, ";;", 2) == 0; /* of a case */
		size_t len = **p == (*p)[1] && !strchr("()", **p) ? 2 : 1;
		int r = end_command(s);

		if (branch)
			shell_end_branch(&s->known);
		memcpy(s->after, *p, len);
		s->after[len] = '\0';
		*p += len;
		return r;
	}
	if (!s->plain && (**p == '<' || **p == '>')) {
		take_redirection(s, p);
		return 0;
	}
	return put(s, (*p)++, 1);
}

/* ---- lines ---- */

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
			 (i == 0 || strchr(BLANKS, line[i - 1])))
			return i;
	}
	return len;
}

static bool is_plain(const char *line)
{
	line += strspn(line, BLANKS);
	return (strchr("-*:", *line) && *line && !strchr(BLANKS, line[1])) ||
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
		return too_long(s);
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
		bool blank = strchr(BLANKS, s->line[i]) && s->line[i];

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

static int read_line(struct shell *s)
{
	const char *p = s->line;
	size_t len = 0;
	int more, r = 0;

	s->command = (struct shell_command){ .line = s->number + 1, .text = s->shown };
	do
		more = join_line(s, &len);
	while (more > 0);
	s->line[len] = '\0';
	show_line(s, len);
	s->plain = is_plain(s->line);
	while (*p && r == 0 && !s->command.problem)
		r = take_one(s, &p);
	if (s->command.problem) {
		s->n = 0;
		s->used = 0;
		s->in_word = s->skip = false;
		s->command.word = NULL;
		s->command.n = 0;
		return s->each(s->data, &s->command);
	}
	return r ?: end_command(s);
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
