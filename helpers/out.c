// SPDX-License-Identifier: GPL-2.0-or-later
/* out.c - what a program reads: a JSON text, built with json-c */

#include "out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

/**
 * struct out - A text that is being written
 * @open:    Borrowed but the first: objects and arrays that are not closed yet, @depth
 * @failed:  There was no memory, or it is too deep
 */
struct out {
	struct json_object *open[OUT_DEPTH_MAX];
	size_t depth;
	bool failed;
};

struct out *out_new(void)
{
	struct out *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->open[0] = json_object_new_object();
	o->failed = !o->open[0];
	o->depth = 1;
	return o;
}

/* takes @value */
static bool add(struct out *o, const char *key, struct json_object *value, bool made)
{
	struct json_object *into;
	int r;

	if (!o || o->failed || !made) {
		if (o)
			o->failed = true;
		json_object_put(value);
		return false;
	}
	into = o->open[o->depth - 1];
	r = key ? json_object_object_add(into, key, value)
		: json_object_array_add(into, value);
	if (r == 0)
		return true;
	json_object_put(value);
	o->failed = true;
	return false;
}

static void open_in(struct out *o, const char *key, struct json_object *new)
{
	if (!add(o, key, new, new != NULL))
		return;
	if (o->depth == OUT_DEPTH_MAX)
		o->failed = true;
	else
		o->open[o->depth++] = new;
}

void out_object(struct out *o, const char *key)
{
	open_in(o, key, json_object_new_object());
}

void out_array(struct out *o, const char *key)
{
	open_in(o, key, json_object_new_array());
}

void out_end(struct out *o)
{
	if (o && o->depth > 1)
		o->depth--;
}

size_t out_character(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80   ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* names of VMs and files may have any bytes, JSON may not; Source: RFC 8259, 8.1 */
static char *clean(const char *text)
{
	char *copy = strdup(text);

	for (size_t i = 0, n; copy && copy[i]; i += n) {
		n = out_character(copy + i);
		if (n == 0) {
			copy[i] = '?';
			n = 1;
		}
	}
	return copy;
}

void out_text(struct out *o, const char *key, const char *text)
{
	CLEANUP(free_ptr) char *copy = text ? clean(text) : NULL;
	struct json_object *value = copy ? json_object_new_string(copy) : NULL;

	add(o, key, value, value || !text);
}

void out_number(struct out *o, const char *key, int64_t number)
{
	struct json_object *value = json_object_new_int64(number);

	add(o, key, value, value != NULL);
}

void out_bool(struct out *o, const char *key, bool value)
{
	struct json_object *new = json_object_new_boolean(value);

	add(o, key, new, new != NULL);
}

int out_print(const struct out *o, FILE *to)
{
	const char *text;

	if (!o || o->failed)
		return -ENOMEM;
	text = json_object_to_json_string_ext(
		o->open[0], JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return -ENOMEM;
	return fprintf(to, "%s\n", text) < 0 || fflush(to) != 0 ? -EIO : 0;
}

void out_free(struct out **o)
{
	if (*o)
		json_object_put((*o)->open[0]);
	free(*o);
}
