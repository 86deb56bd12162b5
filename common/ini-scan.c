// SPDX-License-Identifier: GPL-2.0-or-later
/* ini-scan.c - look strictly at an INI file, line by line, before iniparser */

#include "ini-scan.h"

#include "text.h"

#include <errno.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Theory of operation
 *
 * iniparser takes the last of two equal keys, joins equal sections, glues a line that
 * ends with a backslash to the next one (a comment too), drops what stands behind a
 * closing quote, and answers any error with nothing at all. Every such file is refused
 * here, with its line. What is left is read by all versions of iniparser in the same way.
 */

/**
 * struct scan - Where we are
 * @i:       What is found goes there
 * @section: Borrowed from @i->text; NULL before the first section
 * @first:   Index of its header: what is behind it is the section, which stands once
 * @names:   All headers so far, a tree: a file may have a thousand, and each is looked for
 * @line:    Counted from 1
 * @ret_why: Sentence for the caller
 */
struct scan {
	struct ini *i;
	const char *section;
	size_t first;
	void *names;
	unsigned int line;
	char *ret_why;
};

static int PRINTF(2, 3) bad(const struct scan *s, const char *format, ...)
{
	char what[WHY_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	why(s->ret_why, "%s:%u: %s", s->i->shown, s->line, what);
	return -EINVAL;
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	s[len] = '\0';
	return s;
}

static int bad_byte(const struct scan *s, unsigned char c)
{
	if (c == '\r')
		return bad(s, "the line ends as on Windows (CR LF); save the file with Unix line ends");
	return bad(s, "byte 0x%02x is not text; remove it", c);
}

static int check_bytes(struct scan *s, size_t len)
{
	const char *text = s->i->text;

	s->line = 1;
	if (!strncmp(text, "\xef\xbb\xbf", 3))
		return bad(s, "the file begins with a byte-order mark; save it as UTF-8 without one");
	for (size_t at = 0; at < len; at++) {
		unsigned char c = (unsigned char)text[at];

		if (c == '\n')
			s->line++;
		else if ((c < ' ' && c != '\t') || c == 0x7f)
			return bad_byte(s, c);
	}
	return 0;
}

/* To lower case, as iniparser does it, which takes any colon for its own. */
static int check_name(const struct scan *s, const char *what, char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_.- ";

	if (strlen(name) > INI_NAME_MAX)
		return bad(s, "%s '%.20s...' is longer than %d characters; write a shorter one",
			   what, name, INI_NAME_MAX);
	for (char *p = name; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
		if (!strchr(allowed, *p))
			return bad(s, "%s '%s' may have only letters, digits, blanks and _ . - in it",
				   what, name);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct ini_value *x = a, *y = b;

	return strcmp(x->section, y->section);
}

static const struct ini_value *find_section(const struct scan *s, const char *name)
{
	const struct ini_value wanted = { .section = name };
	struct ini_value *const *found = tfind(&wanted, &s->names, by_name);

	return found ? *found : NULL;
}

static const struct ini_value *find_key(const struct scan *s, const char *key)
{
	for (size_t at = s->first + 1; at < s->i->n; at++)
		if (!strcmp(s->i->values[at].key, key))
			return &s->i->values[at];
	return NULL;
}

static int add(struct scan *s, const char *key, const char *value)
{
	if (s->i->n == INI_VALUES_MAX) {
		bad(s, "more than %d keys and sections are not taken; split the file",
		    INI_VALUES_MAX);
		return -EFBIG;
	}
	s->i->values[s->i->n++] = (struct ini_value){
		.section = s->section,
		.key = key,
		.value = value,
		.line = s->line,
	};
	return 0;
}

static int note_section(struct scan *s)
{
	s->first = s->i->n - 1;
	if (tsearch(&s->i->values[s->first], &s->names, by_name))
		return 0;
	why(s->ret_why, "%s: no memory to read it", s->i->shown);
	return -ENOMEM;
}

static int scan_section(struct scan *s, char *line)
{
	char *end = strchr(line, ']');
	const struct ini_value *first;
	char *name;
	int r;

	if (!end)
		return bad(s, "the section has no closing ]; write [NAME]");
	if (end[1])
		return bad(s, "text after the section; put '%.64s' in a line of its own",
			   trim(end + 1));
	*end = '\0';
	name = trim(line + 1);
	if (!*name)
		return bad(s, "the section has no name; write [NAME]");
	r = check_name(s, "section", name);
	if (r)
		return r;
	first = find_section(s, name);
	if (first)
		return bad(s, "section [%s] stands twice, first in line %u; join the two",
			   name, first->line);
	s->section = name;
	return add(s, "", "") ?: note_section(s);
}

static int check_value(const struct scan *s, const char *key, const char *value)
{
	char quote = *value;
	const char *end;

	if (quote != '"' && quote != '\'')
		return 0;
	end = strchr(value + 1, quote);
	if (!end)
		return bad(s, "the quote of %s is not closed; write %s = %cVALUE%c", key,
			   key, quote, quote);
	if (memchr(value, '\\', (size_t)(end - value)))
		return bad(s, "the versions of iniparser differ about a backslash between quotes; write %s without quotes",
			   key);
	end++;
	end += strspn(end, " \t");
	if (*end && *end != ';' && *end != '#')
		return bad(s, "text after the closing quote of %s; put '%.64s' between the quotes or remove it",
			   key, end);
	return 0;
}

static int scan_key(struct scan *s, char *line)
{
	char *equals = strchr(line, '=');
	const struct ini_value *first;
	char *key, *value;
	int r;

	if (!equals)
		return bad(s, "'%.64s' is neither [SECTION] nor KEY = VALUE; put # before a comment",
			   line);
	*equals = '\0';
	key = trim(line);
	value = trim(equals + 1);
	if (!*key)
		return bad(s, "a value without a key; write KEY = VALUE");
	r = check_name(s, "key", key);
	if (r)
		return r;
	if (!s->section)
		return bad(s,
			   "key '%s' stands before any section; write [SECTION] above it",
			   key);
	first = find_key(s, key);
	if (first)
		return bad(s,
			   "key '%s' stands in [%s] twice, first in line %u; remove one",
			   key, s->section, first->line);
	r = check_value(s, key, value);
	return r ?: add(s, key, value);
}

static int scan_line(struct scan *s, char *line)
{
	size_t len = strlen(line);

	if (len > INI_LINE_MAX)
		return bad(s, "the line has %zu bytes; write at most %d", len,
			   INI_LINE_MAX);
	line = trim(line);
	len = strlen(line);
	if (len && line[len - 1] == '\\')
		return bad(s, "the line ends with a backslash; write it in one line");
	if (!len || *line == '#' || *line == ';')
		return 0;
	return *line == '[' ? scan_section(s, line) : scan_key(s, line);
}

static int scan_lines(struct scan *s)
{
	char *line, *next;
	int r = 0;

	s->i->n = 0;
	s->line = 0;
	for (line = s->i->text; line && !r; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		s->line++;
		r = scan_line(s, line);
	}
	return r;
}

static void keep_value(void *value)
{
	(void)value;
}

int ini_scan(struct ini *i, size_t len, char ret_why[static WHY_LEN])
{
	struct scan s = { .i = i, .ret_why = ret_why };
	int r;

	r = check_bytes(&s, len);
	if (r)
		return r;
	i->values = calloc(s.line < INI_VALUES_MAX ? s.line : INI_VALUES_MAX,
			   sizeof(*i->values));
	if (!i->values) {
		why(ret_why, "%s: no memory to read it", i->shown);
		return -ENOMEM;
	}
	r = scan_lines(&s);
	tdestroy(s.names, keep_value);
	return r;
}
