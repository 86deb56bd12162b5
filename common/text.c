// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - bounded strings: copy, format, numbers, words, nearest name */

#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DIGITS     "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"
#define BLANKS     " \t\r\n"

#define DURATION_MAX_MS 3600000
#define NEAREST_LEN     64 /* no key, kind or unit that we suggest is longer */
#define FILE_NAME_MAX   251 /* NAME_MAX less ".ini"; libvirt's own bound, ".xml" */

int text_copy(char *dst, size_t size, const char *src)
{
	size_t len = strlen(src);

	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(dst, src, len + 1);
	return 0;
}

int text_format(char *dst, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(dst, size, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < size)
		return 0;
	if (size)
		dst[0] = '\0';
	return -ENAMETOOLONG;
}

/* Where to end a text of @len bytes so that no UTF-8 character is cut in two. */
static size_t utf8_cut(const char *s, size_t len)
{
	size_t start = len;
	unsigned char lead;
	size_t want;

	while (start && len - start < 3 && ((unsigned char)s[start - 1] & 0xc0) == 0x80)
		start--;
	if (!start)
		return len;
	lead = (unsigned char)s[start - 1];
	want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	return len - (start - 1) < want ? start - 1 : len;
}

/* What is quoted comes from others: no newline or escape may reach a terminal. */
void why(char ret_why[static WHY_LEN], const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(ret_why, WHY_LEN, format, args);
	va_end(args);
	if (n < 0)
		ret_why[0] = '\0';
	else if (n >= WHY_LEN)
		ret_why[utf8_cut(ret_why, WHY_LEN - 1)] = '\0';
	text_clean(ret_why);
}

static int number_in(const char *s, const char *digits, unsigned int base, uint64_t max,
		     uint64_t *ret)
{
	uint64_t n = 0;

	if (!*s || s[strspn(s, digits)])
		return -EINVAL;
	for (; *s; s++) {
		uint64_t digit = *s <= '9' ? *s - '0' : (*s | 0x20) - 'a' + 10;

		if (n > (UINT64_MAX - digit) / base)
			return -ERANGE;
		n = n * base + digit;
		if (n > max)
			return -ERANGE;
	}
	*ret = n;
	return 0;
}

int text_number(const char *s, uint64_t max, uint64_t *ret)
{
	return number_in(s, DIGITS, 10, max, ret);
}

int text_hex(const char *s, uint64_t max, uint64_t *ret)
{
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	return number_in(s, HEX_DIGITS, 16, max, ret);
}

int text_duration(const char *s, unsigned int *ret_ms)
{
	static const struct {
		const char *suffix;
		unsigned int ms;
	} units[] = {
		{ "", 1000 },
		{ "s", 1000 },
		{ "ms", 1 },
		{ "min", 60000 },
	};
	char digits[16];
	size_t len = strspn(s, DIGITS);
	uint64_t n;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(s + len, units[i].suffix))
			continue;
		if (len >= sizeof(digits))
			return -ERANGE;
		memcpy(digits, s, len);
		digits[len] = '\0';
		r = text_number(digits, DURATION_MAX_MS / units[i].ms, &n);
		if (!r)
			*ret_ms = (unsigned int)n * units[i].ms;
		return r;
	}
	return -EINVAL;
}

int text_next_word(const char **cursor, char *word, size_t size)
{
	const char *s = *cursor + strspn(*cursor, BLANKS);
	size_t len = strcspn(s, BLANKS);

	if (!len)
		return 0;
	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(word, s, len);
	word[len] = '\0';
	*cursor = s + len;
	return 1;
}

bool text_has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	/* most are not there: that is what has to be quick */
	for (const char *p = list; len && (p = strstr(p, word)); p++)
		if ((p == list || strchr(BLANKS, p[-1])) &&
		    (!p[len] || strchr(BLANKS, p[len])) && strcspn(word, BLANKS) == len)
			return true;
	return false;
}

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Letters to insert, remove, change or swap with the next one (optimal string alignment):
 * a swapped pair is the commonest slip of the hand and must not count as two.
 */
static unsigned int edit_distance(const char *a, size_t a_len, const char *b,
				  size_t b_len)
{
	unsigned int rows[3][NEAREST_LEN + 1];
	unsigned int *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned int *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			now[j] = least(last[j] + 1, now[j - 1] + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

const char *text_nearest(const char *word, const char *const *names, size_t n)
{
	size_t word_len = strlen(word);
	unsigned int best = NEAREST_LEN;
	const char *ret = NULL;

	if (word_len > NEAREST_LEN)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]);
		unsigned int d;

		if (len > NEAREST_LEN)
			continue;
		d = edit_distance(word, word_len, names[i], len);
		if (d > len / 3 || d >= best)
			continue;
		best = d;
		ret = names[i];
	}
	return ret;
}

bool text_is_name(const char *name)
{
	size_t len = strlen(name);

	if (!len || len > FILE_NAME_MAX || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	return !strchr(name, '/') && text_is_clean(name);
}

bool text_is_uuid(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == '-' ? s[i] != '-'
				   : !s[i] || !strchr("0123456789abcdef", s[i]))
			return false;
	}
	return s[sizeof(form) - 1] == '\0';
}

const char *text_typed(const char *name, const char *uuid)
{
	static const char plain[] =
		DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-+@:,";

	if (!uuid[0])
		return name;
	/* virsh takes digits, with a sign too, for an ID, and 32 hex digits for a UUID */
	return strchr("-+", name[0]) || name[strspn(name, plain)] ||
			       !name[strspn(name, DIGITS)] ||
			       (strlen(name) >= 32 &&
				!name[strspn(name, DIGITS "abcdefABCDEF-")])
		       ? uuid
		       : name;
}

/* C1 controls, in UTF-8 0xc2 0x80 to 0xc2 0x9f, are obeyed by some terminals too */
static bool is_wide_control(const unsigned char *c)
{
	return c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
}

static bool is_control(unsigned char c)
{
	return c < ' ' || c == 0x7f;
}

bool text_is_clean(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (is_control(*c) || is_wide_control(c))
			return false;
	return true;
}

void text_clean(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		if (is_control(*c))
			*c = '?';
		else if (is_wide_control(c))
			c[0] = c[1] = '?';
	}
}
