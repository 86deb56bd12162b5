// SPDX-License-Identifier: GPL-2.0-or-later
/* shell-loop.c - loops over a list of words, gone through word by word */

#include "shell-loop.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

/* Adds a word; false: there is no room for it */
static bool add(struct shell_loop *l, size_t *len, const char *value)
{
	size_t size = strlen(value) + 1;

	if (*len + size > sizeof(l->value))
		return false;
	memcpy(l->value + *len, value, size);
	*len += size;
	l->n++;
	return true;
}

static bool add_word(struct shell_loop *l, size_t *len, const struct shell_word *w)
{
	unsigned int from, to;
	char number[16];
	int end = 0;

	if (sscanf(w->text, "{%4u..%4u}%n", &from, &to, &end) == 2 && end &&
	    !w->text[end] && from <= to) {
		for (; from <= to; from++) {
			snprintf(number, sizeof(number), "%u", from);
			if (!add(l, len, number))
				return false;
		}
		return true;
	}
	return !w->unknown && !strpbrk(w->text, "*?[{") && add(l, len, w->text);
}

/* for NAME in WORD... */
static void read_loop(struct shell_loop *l, const struct shell_word *word, size_t n)
{
	size_t len = 0;

	*l = (struct shell_loop){ .n = 0 };
	if (n < 4 || strcmp(word[0].text, "for") != 0 ||
	    strcmp(word[2].text, "in") != 0 ||
	    text_copy(l->name, sizeof(l->name), word[1].text) < 0)
		return;
	for (size_t i = 3; i < n; i++)
		if (!add_word(l, &len, &word[i])) {
			l->n = 0;
			return;
		}
}

struct shell_loop *shell_loop_top(struct shell_loops *l)
{
	struct shell_loop *top =
		l->n && l->n <= ARRAY_LEN(l->one) ? &l->one[l->n - 1] : NULL;

	return top && top->n ? top : NULL;
}

const char *shell_loop_value(struct shell_loop *l)
{
	const char *value = l->value + l->next_at;

	l->next_at += strlen(value) + 1;
	l->next++;
	return value;
}

static enum shell_turn begin(struct shell_loops *l, const struct shell_word *word,
			     size_t n)
{
	if (l->n++ < ARRAY_LEN(l->one))
		read_loop(&l->one[l->n - 1], word, n);
	if (shell_loop_top(l))
		l->known++;
	return SHELL_BEGIN;
}

static enum shell_turn end(struct shell_loops *l)
{
	struct shell_loop *top = shell_loop_top(l);

	if (top && top->next < top->n) {
		l->turns++;
		return SHELL_AGAIN;
	}
	if (top)
		l->known--;
	l->n--;
	return SHELL_END;
}

enum shell_turn shell_loop_step(struct shell_loops *l, const struct shell_word *word,
				size_t n)
{
	static const char before[] = "do then else if { !";

	while (n && text_has_word(before, word->text)) {
		word++;
		n--;
	}
	if (n && text_has_word("for while until select", word->text))
		return begin(l, word, n);
	if (n && l->n && strcmp(word->text, "done") == 0)
		return end(l);
	return SHELL_NO_LOOP;
}
