// SPDX-License-Identifier: GPL-2.0-or-later
/* draft.c - an INI file for one VM while it is thought out, and written down */

#include "draft.h"

#include "conf.h"
#include "print.h"
#include "text.h"

#include <stdarg.h>
#include <string.h>

#define LINE_LEN 1024

struct draft_section *draft_open(struct draft *d, const char *kind, const char *name)
{
	struct draft_section *s = &d->section[d->n];

	if (d->n == DRAFT_SECTIONS_MAX)
		return NULL;
	*s = (struct draft_section){ .kind = kind };
	if (text_copy(s->name, sizeof(s->name), name) < 0)
		return NULL;
	d->n++;
	return s;
}

static void line(char *ret, const char *format, va_list args)
{
	vsnprintf(ret, LINE_LEN, format, args);
	text_clean(ret);
}

void draft_note(struct draft_section *s, const char *format, ...)
{
	size_t len = strlen(s->note);
	char text[LINE_LEN];
	va_list args;

	va_start(args, format);
	line(text, format, args);
	va_end(args);
	/* one that has no room is left out */
	(void)!text_format(s->note + len, sizeof(s->note) - len, "%s\n", text);
}

static void add_value(struct draft_section *s, const char *key, const char *value,
		      bool off)
{
	struct draft_value *v = &s->value[s->n_values];

	if (!value[0] || s->n_values == DRAFT_VALUES_MAX ||
	    text_copy(v->value, sizeof(v->value), value) < 0)
		return;
	v->key = key;
	v->off = off;
	s->n_values++;
}

void draft_set(struct draft_section *s, const char *key, const char *value)
{
	add_value(s, key, value, false);
}

void draft_propose(struct draft_section *s, const char *key, const char *value)
{
	add_value(s, key, value, true);
}

static void tell(struct draft *d, const char *sign, const char *format, va_list args)
{
	char text[LINE_LEN];

	line(text, format, args);
	fprintf(d->chosen, "%s%s\n", sign, text);
}

void draft_say(struct draft *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(d, "", format, args);
	va_end(args);
}

void draft_ask(struct draft *d, const char *format, ...)
{
	va_list args;

	d->look = true;
	va_start(args, format);
	tell(d, "!", format, args);
	va_end(args);
}

static void print_note(const struct draft_section *s, FILE *to)
{
	char copy[DRAFT_NOTE_LEN], *cursor = copy, *text;

	memcpy(copy, s->note, sizeof(copy));
	while ((text = strsep(&cursor, "\n")))
		if (text[0])
			fprintf(to, "# %s\n", text);
}

static void print_key(const struct draft_section *s, const struct conf_key *k, FILE *to)
{
	const struct draft_value *v = NULL;
	const char *value;

	for (size_t i = 0; i < s->n_values; i++)
		if (strcmp(s->value[i].key, k->key) == 0)
			v = &s->value[i];
	value = v ? v->value : k->standard;
	fprintf(to, "# %s\n%s%s =%s%s\n", k->help, v && !v->off && !s->off ? "" : "#",
		k->key, value[0] ? " " : "", value);
}

static void print_section(const struct draft_section *s, FILE *to)
{
	size_t n;
	const struct conf_key *keys = conf_vm_keys(&n);

	fprintf(to, "\n");
	print_note(s, to);
	fprintf(to, "%s[%s%s%s]\n", s->off ? "#" : "", s->kind, s->name[0] ? " " : "",
		s->name);
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i].section, s->kind) == 0)
			print_key(s, &keys[i], to);
}

void draft_print(const struct draft *d, FILE *to)
{
	char name[NAME_LEN];

	snprintf(name, sizeof(name), "%s", d->domain->guest.name);
	text_clean(name);
	fprintf(to,
		"# What the VM %s takes from this host, as virt-handoff new has thought it out.\n"
		"# Lines with # are comments; each key has its default there, or a proposal.\n",
		name);
	for (size_t i = 0; i < d->n; i++)
		print_section(&d->section[i], to);
}
