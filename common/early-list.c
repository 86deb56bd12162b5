// SPDX-License-Identifier: GPL-2.0-or-later
/* early-list.c - early.list: what is taken at boot, before any other driver can */

#include "early-list.h"

#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINE_LEN 256
/* both become parts of paths */
#define DRIVER_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static const char head[] =
	"# early.list - made by virt-handoff early update: functions for VFIO from the boot on\n";

static int compare(const struct bdf *a, const struct bdf *b)
{
	char x[BDF_LEN], y[BDF_LEN];

	bdf_format(a, x);
	bdf_format(b, y);
	return strcmp(x, y);
}

int early_list_add(struct early_list *l, const struct early_entry *e)
{
	size_t at = 0;

	while (at < l->n && compare(&l->entry[at].bdf, &e->bdf) < 0)
		at++;
	if (at < l->n && bdf_equal(&l->entry[at].bdf, &e->bdf)) {
		l->entry[at].primary |= e->primary;
		return 0;
	}
	if (l->n == EARLY_MAX)
		return -E2BIG;
	memmove(&l->entry[at + 1], &l->entry[at], (l->n - at) * sizeof(*e));
	l->entry[at] = *e;
	l->n++;
	return 0;
}

const struct early_entry *early_list_find(const struct early_list *l, const struct bdf *b)
{
	for (size_t i = 0; i < l->n; i++)
		if (bdf_equal(&l->entry[i].bdf, b))
			return &l->entry[i];
	return NULL;
}

int early_list_print(const struct early_list *l, char ret[static EARLY_TEXT_MAX])
{
	size_t len = sizeof(head) - 1;

	memcpy(ret, head, sizeof(head));
	for (size_t i = 0; i < l->n; i++) {
		const struct early_entry *e = &l->entry[i];
		char name[BDF_LEN];

		bdf_format(&e->bdf, name);
		len += (size_t)snprintf(ret + len, EARLY_TEXT_MAX - len,
					"%s %04x:%04x %s %s%s\n", name, e->id.vendor,
					e->id.device, e->driver, e->module,
					e->primary ? " primary" : "");
		if (len >= EARLY_TEXT_MAX)
			return -EFBIG;
	}
	return 0;
}

/* one word, or -EINVAL when there is none */
static int need_word(const char **cursor, char *word, size_t size)
{
	return text_next_word(cursor, word, size) == 1 ? 0 : -EINVAL;
}

static int parse_entry(const char *line, struct early_entry *e)
{
	char name[BDF_LEN], id[16], flag[16];
	const char *cursor = line;
	int r = need_word(&cursor, name, sizeof(name));

	*e = (struct early_entry){ 0 };
	if (r == 0)
		r = bdf_parse(name, &e->bdf);
	if (r == 0)
		r = need_word(&cursor, id, sizeof(id));
	if (r == 0)
		r = id_pair_parse(id, &e->id);
	if (r == 0)
		r = need_word(&cursor, e->driver, sizeof(e->driver));
	if (r == 0)
		r = need_word(&cursor, e->module, sizeof(e->module));
	if (r < 0 || e->driver[strspn(e->driver, DRIVER_CHARS)] ||
	    e->module[strspn(e->module, DRIVER_CHARS)])
		return -EINVAL;
	r = text_next_word(&cursor, flag, sizeof(flag));
	if (r == 0)
		return 0;
	if (r < 0 || strcmp(flag, "primary") != 0)
		return -EINVAL;
	e->primary = true;
	return text_next_word(&cursor, flag, sizeof(flag)) == 0 ? 0 : -EINVAL;
}

static int parse_line(const char *line, unsigned int number, struct early_list *l,
		      char ret_why[static WHY_LEN])
{
	struct early_entry e;
	int r;

	if (!line[0] || line[0] == '#')
		return 0;
	r = parse_entry(line, &e);
	if (r == 0)
		r = early_list_add(l, &e);
	if (r == -E2BIG)
		why(ret_why,
		    "early.list:%u: more than %d functions; make it again with virt-handoff early update",
		    number, EARLY_MAX);
	else if (r < 0)
		why(ret_why,
		    "early.list:%u: '%.100s' is not ADDRESS VENDOR:DEVICE DRIVER MODULE; make it again with virt-handoff early update",
		    number, line);
	return r;
}

int early_list_parse(const char *text, struct early_list *l, char ret_why[static WHY_LEN])
{
	struct early_list list = { .n = 0 };
	unsigned int number = 1;

	for (; *text; number++) {
		size_t len = strcspn(text, "\n");
		char line[LINE_LEN];
		int r = text_format(line, sizeof(line), "%.*s", (int)len, text);

		if (r == 0)
			r = parse_line(line, number, &list, ret_why);
		else
			why(ret_why, "early.list:%u: the line is too long", number);
		if (r < 0)
			return r == -E2BIG ? r : -EINVAL;
		text += len + (text[len] == '\n');
	}
	*l = list;
	return 0;
}
