// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-schema.c - fill a struct from an INI file as tables of sections and keys say */

#include "conf-schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 64 /* sections, or keys of one section */

/**
 * struct names - What may be written, for a suggestion
 * @list:    Borrowed
 * @n:       How many
 */
struct names {
	const char *list[NAMES_MAX];
	size_t n;
};

/**
 * struct reader - One run of conf_take()
 * @schema:  What may stand there
 * @ini:     What stands there
 * @conf:    What is filled
 * @section: Header of the section that is being read, NULL before the first
 * @kind:    Its kind
 * @into:    What its keys are set in
 */
struct reader {
	const struct conf_schema *schema;
	const struct ini *ini;
	void *conf;
	const char *section;
	const struct conf_section *kind;
	void *into;
};

/* "did you mean 'address'?", or all that there is */
static void suggest(const char *word, const struct names *names, char ret[static WHY_LEN])
{
	const char *nearest = text_nearest(word, names->list, names->n);
	size_t len = 0;

	if (nearest) {
		snprintf(ret, WHY_LEN, "did you mean '%s'?", nearest);
		return;
	}
	for (size_t i = 0; i < names->n && len < WHY_LEN; i++)
		len += (size_t)snprintf(ret + len, WHY_LEN - len, "%s%s",
					i ? ", " : "known: ", names->list[i]);
}

static int unknown_section(const struct reader *x, const struct ini_value *v,
			   const char *kind, char ret_why[static WHY_LEN])
{
	const struct conf_schema *s = x->schema;
	struct names names = { .n = s->n_sections };
	char hint[WHY_LEN];

	for (size_t i = 0; i < s->n_sections; i++)
		names.list[i] = s->sections[i].kind;
	suggest(kind, &names, hint);
	why(ret_why, "%s:%u: unknown section [%s]; %s", ini_shown(x->ini), v->line,
	    v->section, hint);
	return -EINVAL;
}

static int unknown_key(const struct reader *x, const struct ini_value *v,
		       char ret_why[static WHY_LEN])
{
	struct names names = { .n = 0 };
	char hint[WHY_LEN];
	size_t n;
	const struct conf_key *keys = x->schema->keys(&n);

	for (size_t i = 0; i < n && names.n < NAMES_MAX; i++)
		if (!strcmp(keys[i].section, x->kind->kind))
			names.list[names.n++] = keys[i].key;
	suggest(v->key, &names, hint);
	why(ret_why, "%s:%u: unknown key '%s' in [%s]; %s", ini_shown(x->ini), v->line,
	    v->key, v->section, hint);
	return -EINVAL;
}

static const struct conf_section *find_section(const struct conf_schema *s,
					       const char *kind)
{
	for (size_t i = 0; i < s->n_sections; i++)
		if (!strcmp(s->sections[i].kind, kind))
			return &s->sections[i];
	return NULL;
}

bool conf_is_named(const char *section)
{
	const struct conf_section *s =
		find_section(&conf_vm_schema, section)
			?: find_section(&conf_host_schema, section);

	return s && s->named;
}

static const struct conf_key *find_key(const struct reader *x, const char *key)
{
	size_t n;
	const struct conf_key *keys = x->schema->keys(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(keys[i].section, x->kind->kind) && !strcmp(keys[i].key, key))
			/* cppcheck-suppress returnDanglingLifetime ; into the table, which stays */
			return &keys[i];
	return NULL;
}

/* What the table says for absent keys; @named: those of one section with a name. */
static int set_standards(const struct conf_schema *s, const struct conf_section *named,
			 void *into, char ret_why[static WHY_LEN])
{
	size_t n;
	const struct conf_key *keys = s->keys(&n);
	int r = 0;

	for (size_t i = 0; i < n && !r; i++) {
		const struct conf_section *of = find_section(s, keys[i].section);

		if (of && (named ? of == named : !of->named))
			r = keys[i].set(into, &keys[i], keys[i].standard, ret_why);
	}
	return r;
}

static int open_section(struct reader *x, const struct ini_value *v,
			char ret_why[static WHY_LEN])
{
	const char *name = v->section + strcspn(v->section, " ");
	char kind[NAME_LEN], hint[WHY_LEN];

	if (text_format(kind, sizeof(kind), "%.*s", (int)(name - v->section), v->section))
		return unknown_section(x, v, v->section, ret_why);
	name += strspn(name, " ");
	x->kind = find_section(x->schema, kind);
	if (!x->kind)
		return unknown_section(x, v, kind, ret_why);
	if (x->kind->named != (*name != '\0')) {
		why(ret_why, "%s:%u: section [%s] %s; write [%s%s]", ini_shown(x->ini),
		    v->line, v->section, *name ? "takes no name" : "has no name", kind,
		    *name ? "" : " NAME");
		return -EINVAL;
	}
	x->into = x->kind->open(x->conf, name, v->line, hint);
	if (!x->into) {
		why(ret_why, "%s:%u: section [%s]: %s", ini_shown(x->ini), v->line,
		    v->section, hint);
		return -EINVAL;
	}
	x->section = v->section;
	return x->kind->named ? set_standards(x->schema, x->kind, x->into, ret_why) : 0;
}

static int take_value(struct reader *x, const struct ini_value *v,
		      char ret_why[static WHY_LEN])
{
	char hint[WHY_LEN] = "the value does not fit";
	const struct conf_key *key;
	int r = 0;

	if (!x->section || strcmp(x->section, v->section))
		r = open_section(x, v, ret_why);
	if (r || !x->kind || !*v->key)
		return r;
	key = find_key(x, v->key);
	if (!key)
		return unknown_key(x, v, ret_why);
	r = key->set(x->into, key, v->value, hint);
	if (r)
		why(ret_why, "%s:%u: %s =%s%.100s in [%s]: %s", ini_shown(x->ini),
		    v->line, v->key, *v->value ? " " : "", v->value, v->section, hint);
	return r;
}

int conf_take(const struct conf_schema *s, const struct ini *ini, void *conf,
	      char ret_why[static WHY_LEN])
{
	struct reader x = { .schema = s, .ini = ini, .conf = conf };
	const struct ini_value *v;
	size_t cursor = 0;
	int r;

	r = set_standards(s, NULL, conf, ret_why);
	while (!r && ini && (v = ini_next(ini, &cursor)))
		r = take_value(&x, v, ret_why);
	return r;
}
