// SPDX-License-Identifier: GPL-2.0-or-later
/* shell-variable.c - what a text says of its variables */

#include "shell-variable.h"

#include "text.h"

#include <ctype.h>
#include <string.h>

static size_t find(const struct shell_variables *s, const char *name, size_t len)
{
	size_t i = 0;

	while (i < s->n &&
	       (strlen(s->one[i].name) != len || memcmp(s->one[i].name, name, len) != 0))
		i++;
	return i;
}

const char *shell_value(const struct shell_variables *s, const char *name, size_t len)
{
	size_t i = find(s, name, len);

	return i < s->n && s->one[i].value[0] ? s->one[i].value : NULL;
}

/* A value that is empty, or too long to be an address or a port, is not known. */
void shell_set(struct shell_variables *s, const char *name, size_t len, const char *value)
{
	size_t i = find(s, name, len);
	struct shell_variable *v = &s->one[i];

	if (i == ARRAY_LEN(s->one) || len >= sizeof(v->name))
		return;
	memcpy(v->name, name, len);
	v->name[len] = '\0';
	v->depth = s->depth;
	if (text_copy(v->value, sizeof(v->value), value) < 0)
		v->value[0] = '\0';
	if (i == s->n)
		s->n++;
}

void shell_end_branch(struct shell_variables *s)
{
	for (size_t i = 0; i < s->n && s->depth; i++)
		if (s->one[i].depth >= s->depth)
			s->one[i].value[0] = '\0';
}

/* Words of the shell before a command; whether @word is one */
static bool take_keyword(struct shell_variables *s, const char *word)
{
	if (text_has_word("else elif fi done esac", word))
		shell_end_branch(s);
	if (text_has_word("if case while until for select", word))
		s->depth++;
	else if (text_has_word("fi done esac", word) && s->depth)
		s->depth--;
	return text_has_word("if while until then do else elif fi done esac", word);
}

/* NAME=VALUE, and NAME+=VALUE, after which nothing is known of NAME */
static bool assign(struct shell_variables *s, const struct shell_word *w)
{
	size_t len = strspn(w->text, SHELL_NAME_CHARS);
	const char *value = w->text + len;

	if (len == 0 || isdigit((unsigned char)w->text[0]))
		return false;
	if (strncmp(value, "+=", 2) == 0)
		shell_set(s, w->text, len, "");
	else if (*value == '=')
		shell_set(s, w->text, len, w->unknown ? "" : value + 1);
	else
		return false;
	return true;
}

void shell_learn(struct shell_variables *s, const struct shell_word *word, size_t n)
{
	static const char before[] = "export local readonly declare typeset";
	size_t i = 0;

	while (i < n && take_keyword(s, word[i].text))
		i++;
	if (i < n && text_has_word("for read select", word[i].text))
		for (i++; i < n; i++)
			shell_set(s, word[i].text, strlen(word[i].text), "");
	while (i < n && text_has_word(before, word[i].text))
		i++;
	while (i < n && assign(s, &word[i]))
		i++;
}
