// SPDX-License-Identifier: GPL-2.0-or-later
/* shell-words.c - cut a line of shell into words and commands */

#include "shell-words.h"

#include "shell-parse.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int shell_too_long(struct shell *s)
{
	s->command.problem = "the line is too long";
	return -E2BIG;
}

static int begin_word(struct shell *s)
{
	if (s->in_word)
		return 0;
	if (s->n == SHELL_WORDS_MAX)
		return shell_too_long(s);
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
		return shell_too_long(s);
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

/* A long body takes its time with few turns too. */
static bool too_many_turns(const struct shell *s)
{
	return s->loops.turns > SHELL_TURNS_MAX ||
	       s->loops.reread > SHELL_REREAD_MAX + 2 * s->len;
}

/* What a command means for those that follow it */
static int learn(struct shell *s)
{
	struct shell_loop *loop;

	s->turn = shell_loop_step(&s->loops, s->word, s->n);
	if (s->turn != SHELL_AGAIN)
		shell_learn(&s->known, s->word, s->n);
	loop = shell_loop_top(&s->loops);
	if (!loop || (s->turn != SHELL_BEGIN && s->turn != SHELL_AGAIN))
		return 0;
	if (s->turn == SHELL_AGAIN)
		s->loops.reread += s->at - loop->at;
	if (too_many_turns(s)) {
		s->command.problem = "the loops have too many turns";
		s->loops.n = s->loops.known = 0;
		return -E2BIG;
	}
	shell_set(&s->known, loop->name, strlen(loop->name), shell_loop_value(loop));
	return 0;
}

int shell_end_command(struct shell *s)
{
	int r = 0;

	end_word(s);
	if (s->n) {
		s->command.word = s->word;
		s->command.n = s->n;
		s->command.out = s->out.text ? &s->out : NULL;
		s->command.piped = strcmp(s->after, "|") == 0;
		s->command.maybe = s->known.depth > s->loops.known ||
				   text_has_word("&& ||", s->after);
		r = s->each(s->data, &s->command) ?: learn(s);
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
		if (quoted || !strchr(SHELL_BLANKS, *value))
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

int shell_take_one(struct shell *s, const char **p)
{
	if (strchr(SHELL_BLANKS, **p)) {
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
		int r = shell_end_command(s);

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
