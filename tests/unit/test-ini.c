// SPDX-License-Identifier: GPL-2.0-or-later
/* test-ini.c - the text of an INI file: what is taken, malformed, too long, mutated */

/*
 * Real: ini*.c and iniparser. Which file is read at all is in test-ini-file.c.
 */

#include "ini.h"
#include "text.h"
#include "unit.h"

#include <errno.h>

/* Section, key, value and line of everything in a file, as one text */
static void dump(const struct ini *ini, char *ret, size_t size)
{
	const struct ini_value *v;
	size_t cursor = 0, len = 0;

	*ret = '\0';
	while ((v = ini_next(ini, &cursor)) && len < size)
		len += (size_t)snprintf(ret + len, size - len, "%u [%s] %s=%s|", v->line,
					v->section, v->key, v->value);
	assert_true(len < size);
	assert_null(ini_next(ini, &cursor));
}

static int parse(const char *text, size_t len, struct ini **ret,
		 char sentence[static WHY_LEN])
{
	char *exact = malloc(len ? len : 1);
	int r;

	assert_non_null(exact);
	memcpy(exact, text, len);
	r = ini_parse(exact, len, "vms/x.ini", ret, sentence);
	free(exact);
	return r;
}

static void check_refused(const char *text, size_t len, int ret, const char *expected)
{
	char sentence[WHY_LEN] = "";
	struct ini *ini = NULL;

	assert_int_equal(parse(text, len, &ini, sentence), ret);
	assert_null(ini);
	assert_string_equal(sentence, expected);
	unit_check_sentence(sentence);
}

static void what_is_taken(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "\n\n  \n\t\n", "" },
		{ "# a\n; b\n   # c", "" },
		{ "[a]", "1 [a] =|" },
		{ "[a]\n[b]\n", "1 [a] =|2 [b] =|" },
		{ "[a]\nk=v", "2 [a] k=v|" },
		{ "\n  [ Forward SSH ]\t\n\n K e-y_.1 =\tv\t \n",
		  "4 [forward ssh] k e-y_.1=v|" },
		{ "[a]\nk=\nl =\nm = \n", "2 [a] k=|3 [a] l=|4 [a] m=|" },
		{ "[a]\nk=;c\nl=#c\nm= ;c\n", "2 [a] k=|3 [a] l=|4 [a] m=|" },
		{ "[a]\nk=v;c\nl=v # c\nm = a b  ; c\n",
		  "2 [a] k=v|3 [a] l=v|4 [a] m=a b|" },
		{ "[a]\nk=\"v\"\nl='v'\nm = \" v \" ; c\n",
		  "2 [a] k=v|3 [a] l=v|4 [a] m= v |" },
		{ "[a]\nk=\"a;b#c\"\nl='a;b' #c\n", "2 [a] k=a;b#c|3 [a] l=a;b|" },
		{ "[a]\nk=\"\"\nl=''\nm = \"\" ; \"x\"\nn='' # 'y'\n",
		  "2 [a] k=|3 [a] l=|4 [a] m=|5 [a] n=|" },
		{ "[a]\nk=\"it's\"\nl='\"'\n", "2 [a] k=it's|3 [a] l=\"|" },
		{ "[a]\nk=a \"b\" c\nl=a=\"b\"\nm == x\n",
		  "2 [a] k=a \"b\" c|3 [a] l=a=\"b\"|4 [a] m== x|" },
		{ "[a]\nk=[b]\nl=C:\\x\\y z\n", "2 [a] k=[b]|3 [a] l=C:\\x\\y z|" },
		{ "[a]\nk=grün\xff\n", "2 [a] k=grün\xff|" },
		{ "[a]\nk=1\n[b]\nk=2\n[c]\n", "2 [a] k=1|4 [b] k=2|5 [c] =|" },
		{ "[a]\nk = 1 ; \\ x\n# \\x\n", "2 [a] k=1|" },
		{ "[a]\nk=%s%n%d\n", "2 [a] k=%s%n%d|" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char sentence[WHY_LEN] = "", have[1024];
		struct ini *ini;

		assert_int_equal(parse(rows[i][0], strlen(rows[i][0]), &ini, sentence),
				 0);
		assert_string_equal(sentence, "");
		assert_string_equal(ini_shown(ini), "vms/x.ini");
		dump(ini, have, sizeof(have));
		assert_string_equal(have, rows[i][1]);
		ini_free(ini);
	}
}

#define CHARS     " may have only letters, digits, blanks and _ . - in it"
#define CONTINUED "the line ends with a backslash; write it in one line"
#define WINDOWS   "the line ends as on Windows (CR LF); save the file with Unix line ends"

static void refusals(void **state)
{
	static const char *const rows[][2] = {
		{ "\xef\xbb\xbf[a]\n",
		  "vms/x.ini:1: the file begins with a byte-order mark; save it as UTF-8 without one" },
		{ "[a]\r\nk=v\r\n", "vms/x.ini:1: " WINDOWS },
		{ "[a]\nk=v\r\n", "vms/x.ini:2: " WINDOWS },
		{ "[a]\nk=\x01", "vms/x.ini:2: byte 0x01 is not text; remove it" },
		{ "[a]\n# \x1b[2J\n", "vms/x.ini:2: byte 0x1b is not text; remove it" },
		{ "[a]\nk=v\x7f\n", "vms/x.ini:2: byte 0x7f is not text; remove it" },
		{ "[a]\n\f\n", "vms/x.ini:2: byte 0x0c is not text; remove it" },

		{ "[a\n", "vms/x.ini:1: the section has no closing ]; write [NAME]" },
		{ "[\n", "vms/x.ini:1: the section has no closing ]; write [NAME]" },
		{ "[]\n", "vms/x.ini:1: the section has no name; write [NAME]" },
		{ "[ \t ]\n", "vms/x.ini:1: the section has no name; write [NAME]" },
		{ "[a] ; c\n",
		  "vms/x.ini:1: text after the section; put '; c' in a line of its own" },
		{ "[a] # k = v\n",
		  "vms/x.ini:1: text after the section; put '# k = v' in a line of its own" },
		{ "[a]]\n",
		  "vms/x.ini:1: text after the section; put ']' in a line of its own" },
		{ "[a] k = [v]\n",
		  "vms/x.ini:1: text after the section; put 'k = [v]' in a line of its own" },
		{ "[[a]\n", "vms/x.ini:1: section '[a'" CHARS },
		{ "[a:b]\n", "vms/x.ini:1: section 'a:b'" CHARS },
		{ "[../a]\n", "vms/x.ini:1: section '../a'" CHARS },
		{ "[a\tb]\n", "vms/x.ini:1: section 'a?b'" CHARS },
		{ "[forward grün]\n", "vms/x.ini:1: section 'forward grün'" CHARS },
		{ "[a]\nk=1\n\n[A]\n",
		  "vms/x.ini:4: section [a] stands twice, first in line 1; join the two" },
		{ "[a]\n[ a ]\n",
		  "vms/x.ini:2: section [a] stands twice, first in line 1; join the two" },

		{ "k = v\n",
		  "vms/x.ini:1: key 'k' stands before any section; write [SECTION] above it" },
		{ "[a]\nk\n",
		  "vms/x.ini:2: 'k' is neither [SECTION] nor KEY = VALUE; put # before a comment" },
		{ "[a]\nx",
		  "vms/x.ini:2: 'x' is neither [SECTION] nor KEY = VALUE; put # before a comment" },
		{ "[a]\nk: v\n",
		  "vms/x.ini:2: 'k: v' is neither [SECTION] nor KEY = VALUE; put # before a comment" },
		{ "[a]\n= v\n", "vms/x.ini:2: a value without a key; write KEY = VALUE" },
		{ "[a]\n  =\n", "vms/x.ini:2: a value without a key; write KEY = VALUE" },
		{ "[a]\nk:x = v\n", "vms/x.ini:2: key 'k:x'" CHARS },
		{ "[a]\nk # = v\n", "vms/x.ini:2: key 'k #'" CHARS },
		{ "[a]\n\"k\" = v\n", "vms/x.ini:2: key '\"k\"'" CHARS },
		{ "[a]\nschlüssel = v\n", "vms/x.ini:2: key 'schlüssel'" CHARS },
		{ "[a]\nk=1\nl=2\nK = 3\n",
		  "vms/x.ini:4: key 'k' stands in [a] twice, first in line 2; remove one" },
		{ "[a]\nk=1\nk=1\n",
		  "vms/x.ini:3: key 'k' stands in [a] twice, first in line 2; remove one" },

		{ "[a]\nk = \"v\n",
		  "vms/x.ini:2: the quote of k is not closed; write k = \"VALUE\"" },
		{ "[a]\nk = 'v\"\n",
		  "vms/x.ini:2: the quote of k is not closed; write k = 'VALUE'" },
		{ "[a]\nk = \"\n",
		  "vms/x.ini:2: the quote of k is not closed; write k = \"VALUE\"" },
		{ "[a]\nk = \"v\" w\n",
		  "vms/x.ini:2: text after the closing quote of k; put 'w' between the quotes or remove it" },
		{ "[a]\nk = \"\"v\n",
		  "vms/x.ini:2: text after the closing quote of k; put 'v' between the quotes or remove it" },
		{ "[a]\nk = \"a\\\"b\"\n",
		  "vms/x.ini:2: the versions of iniparser differ about a backslash between quotes; write k without quotes" },
		{ "[a]\nk = 'a\\b'\n",
		  "vms/x.ini:2: the versions of iniparser differ about a backslash between quotes; write k without quotes" },

		{ "[a]\nk = v \\\nl = w\n", "vms/x.ini:2: " CONTINUED },
		{ "[a]\nk = v\\ \t\nl = w\n", "vms/x.ini:2: " CONTINUED },
		{ "[a]\n# c \\\nl = w\n", "vms/x.ini:2: " CONTINUED },
		{ "[a]\\\n", "vms/x.ini:1: " CONTINUED },
		{ "\\", "vms/x.ini:1: " CONTINUED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_refused(rows[i][0], strlen(rows[i][0]), -EINVAL, rows[i][1]);
	check_refused("[a]\nk=\0v\n", 9, -EINVAL,
		      "vms/x.ini:2: byte 0x00 is not text; remove it");
	check_refused("[a]\n\0", 5, -EINVAL,
		      "vms/x.ini:2: byte 0x00 is not text; remove it");
}

static void bounds_of_lines(void **state)
{
	char text[4096], value[4096], sentence[WHY_LEN] = "";
	struct ini *ini;
	size_t cursor = 0;

	(void)state;
	memset(value, 'v', sizeof(value));
	snprintf(text, sizeof(text), "[a]\nk=%.*s\nl=1\n", INI_LINE_MAX - 2, value);
	assert_int_equal(parse(text, strlen(text), &ini, sentence), 0);
	assert_int_equal(strlen(ini_next(ini, &cursor)->value), INI_LINE_MAX - 2);
	assert_string_equal(ini_next(ini, &cursor)->key, "l");
	ini_free(ini);
	snprintf(text, sizeof(text), "[a]\nk=%.*s", INI_LINE_MAX - 1, value);
	check_refused(text, strlen(text), -EINVAL,
		      "vms/x.ini:2: the line has 1001 bytes; write at most 1000");
	snprintf(text, sizeof(text), "[a]\n#%.*s\n", 3000, value);
	check_refused(text, strlen(text), -EINVAL,
		      "vms/x.ini:2: the line has 3001 bytes; write at most 1000");
	snprintf(text, sizeof(text), "[%.*s]\n%.*s=%.*s\n", 100, value, 100, value, 800,
		 value);
	assert_int_equal(parse(text, strlen(text), &ini, sentence), 0);
	ini_free(ini);
	snprintf(text, sizeof(text), "[%.*s]\n", 101, value);
	check_refused(
		text, strlen(text), -EINVAL,
		"vms/x.ini:1: section 'vvvvvvvvvvvvvvvvvvvv...' is longer than 100 characters; write a shorter one");
	snprintf(text, sizeof(text), "[a]\n%.*s=1\n", 101, value);
	check_refused(
		text, strlen(text), -EINVAL,
		"vms/x.ini:2: key 'vvvvvvvvvvvvvvvvvvvv...' is longer than 100 characters; write a shorter one");
}

static void bounds_of_files(void **state)
{
	size_t size = 16 << 20, len = 0;
	char sentence[WHY_LEN] = "", *text = malloc(size);
	struct ini *ini;

	(void)state;
	assert_non_null(text);
	len = (size_t)sprintf(text, "[a]\n");
	for (int i = 1; i < INI_VALUES_MAX; i++)
		len += (size_t)sprintf(text + len, "k%d=%d\n", i, i);
	assert_int_equal(parse(text, len, &ini, sentence), 0);
	ini_free(ini);
	len += (size_t)sprintf(text + len, "last=1\n");
	check_refused(
		text, len, -EFBIG,
		"vms/x.ini:4097: more than 4096 keys and sections are not taken; split the file");
	memset(text, '\n', size);
	assert_int_equal(parse(text, INI_FILE_MAX, &ini, sentence), 0);
	ini_free(ini);
	check_refused(text, INI_FILE_MAX + 1, -EFBIG,
		      "vms/x.ini: the file has more than 262144 bytes; split it");
	check_refused(text, size, -EFBIG,
		      "vms/x.ini: the file has more than 262144 bytes; split it");
	free(text);
}

static const char sample[] = "# a VM\n"
			     "[devices]\n"
			     "take         = gpus             ; which\n"
			     "also         = 0000:01:00.1=10de:22ba 0000:01:00.2\n"
			     "in-use       = \"wait 30s\"     # comment\n"
			     "stop-units   = 'a.service b;c'\n"
			     "unload       =\n"
			     "\n"
			     "[forward ssh]\n"
			     "listen       = 12223/tcp\n"
			     "[empty]\n";

static void cut_at_every_byte(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(sample); len++) {
		char sentence[WHY_LEN] = "", have[1024];
		struct ini *ini;
		int r = parse(sample, len, &ini, sentence);

		assert_true(r == 0 || r == -EINVAL);
		if (r) {
			unit_check_sentence(sentence);
			continue;
		}
		dump(ini, have, sizeof(have));
		ini_free(ini);
	}
}

/* iniparser and the look before it never disagree: what it would swallow was refused. */
static void mutations(void **state)
{
	static const char *const pieces[] = { "[",
					      "]",
					      "[a]",
					      "[devices]\n",
					      "=",
					      " = ",
					      "\n",
					      "\n\n",
					      "\"",
					      "'",
					      "\"\"",
					      "''",
					      ";",
					      "#",
					      "\\",
					      "\\\n",
					      "\\\\",
					      "\t",
					      " ",
					      "\r\n",
					      ":",
					      "take",
					      "take = all\n",
					      "=\"",
					      "='",
					      "\" ;",
					      "k = \"a\" = \"b\"\n",
					      "\xef\xbb\xbf",
					      "\xff",
					      "\xc3\xbc",
					      "%s%n",
					      "x\n",
					      "k=''",
					      "k = ' # \"\n",
					      "[a] = \"]\n",
					      "a=b=\"c;\"",
					      "A",
					      "Z" };
	uint64_t random = 20261121;
	unsigned int taken = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char sentence[WHY_LEN] = "", have[4096];
		struct ini *ini;
		size_t len;
		char *text = unit_mutate(&random, sample, sizeof(sample) - 1, pieces,
					 ARRAY_LEN(pieces), &len);
		int r = ini_parse(text, len, "vms/x.ini", &ini, sentence);

		free(text);
		assert_true(r == 0 || r == -EINVAL);
		if (r) {
			unit_check_sentence(sentence);
			assert_null(strstr(sentence, "iniparser reads"));
			assert_null(strstr(sentence, "iniparser finds"));
			assert_null(strstr(sentence, "iniparser cannot"));
			continue;
		}
		taken++;
		dump(ini, have, sizeof(have));
		ini_free(ini);
	}
	assert_true(taken > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken),     cmocka_unit_test(refusals),
		cmocka_unit_test(bounds_of_lines),   cmocka_unit_test(bounds_of_files),
		cmocka_unit_test(cut_at_every_byte), cmocka_unit_test(mutations),
	};

	return cmocka_run_group_tests_name("ini", tests, NULL, NULL);
}
