// SPDX-License-Identifier: GPL-2.0-or-later
/* test-text.c - text.c and bdf.c; everything is real, nothing is faked */

#include "unit.h"

#include "bdf.h"
#include "text.h"

#include <errno.h>

static void copy_is_whole_or_nothing(void **state)
{
	char dst[4] = "xyz";

	(void)state;
	assert_int_equal(text_copy(dst, sizeof(dst), "abcd"), -ENAMETOOLONG);
	assert_string_equal(dst, "xyz");
	assert_int_equal(text_copy(dst, sizeof(dst), "abc"), 0);
	assert_string_equal(dst, "abc");
	assert_int_equal(text_copy(dst, 1, ""), 0);
	assert_string_equal(dst, "");
	assert_int_equal(text_copy(dst, 0, ""), -ENAMETOOLONG);
}

static void format_is_whole_or_empty(void **state)
{
	char dst[6] = "";

	(void)state;
	assert_int_equal(text_format(dst, sizeof(dst), "%s-%d", "abc", 1), 0);
	assert_string_equal(dst, "abc-1");
	assert_int_equal(text_format(dst, sizeof(dst), "%s-%d", "abc", 12), -ENAMETOOLONG);
	assert_string_equal(dst, "");
}

static void sentence_is_one_printable_line(void **state)
{
	char sentence[WHY_LEN];

	(void)state;
	why(sentence, "name '%s'", "a\nb\x1b[2J\x7f\tc");
	assert_string_equal(sentence, "name 'a?b?[2J??c'");
	why(sentence, "name '%s'", "ü€😀");
	assert_string_equal(sentence, "name 'ü€😀'");
}

/* However many bytes stand before it, a character is there whole or not at all. */
static void sentence_is_cut_between_characters(void **state)
{
	static const char *const chars[] = { "e", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(chars); c++) {
		for (size_t pad = WHY_LEN - 8; pad < WHY_LEN + 4; pad++) {
			char text[WHY_LEN + 64], sentence[WHY_LEN];
			size_t size = strlen(chars[c]), len;

			memset(text, 'x', pad);
			text[pad] = '\0';
			for (int i = 0; i < 8; i++)
				strcat(text, chars[c]);
			why(sentence, "%s", text);
			len = strlen(sentence);
			assert_true(len < WHY_LEN && len + size >= WHY_LEN - 1);
			assert_memory_equal(sentence, text, len);
			assert_true(len <= pad || (len - pad) % size == 0);
		}
	}
	/* What is no UTF-8 is cut somewhere, and harms nothing. */
	for (int byte = 0x80; byte < 0x100; byte++) {
		char text[2 * WHY_LEN] = "", sentence[WHY_LEN];

		memset(text, byte, sizeof(text) - 1);
		why(sentence, "%s", text);
		assert_in_range(strlen(sentence), WHY_LEN - 5, WHY_LEN - 1);
	}
}

struct number {
	const char *text;
	uint64_t max;
	int ret;
	uint64_t value;
};

static void numbers(void **state)
{
	static const struct number decimal[] = {
		{ "0", 0, 0, 0 },
		{ "1", 0, -ERANGE, 0 },
		{ "007", 7, 0, 7 },
		{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
		{ "99999999999999999999999999", UINT64_MAX, -ERANGE, 0 },
		{ "99999999999999999999999999x", UINT64_MAX, -EINVAL, 0 },
		{ "", 9, -EINVAL, 0 },
		{ " 1", 9, -EINVAL, 0 },
		{ "1 ", 9, -EINVAL, 0 },
		{ "+1", 9, -EINVAL, 0 },
		{ "-1", 9, -EINVAL, 0 },
		{ "0x1", 9, -EINVAL, 0 },
		{ "1a", 99, -EINVAL, 0 },
	};
	static const struct number hex[] = {
		{ "0", 0, 0, 0 },
		{ "ff", 0xff, 0, 0xff },
		{ "0xFF", 0xff, 0, 0xff },
		{ "0Xaf", 0xff, 0, 0xaf },
		{ "100", 0xff, -ERANGE, 0 },
		{ "ffffffffffffffff", UINT64_MAX, 0, UINT64_MAX },
		{ "10000000000000000", UINT64_MAX, -ERANGE, 0 },
		{ "", 9, -EINVAL, 0 },
		{ "0x", 9, -EINVAL, 0 },
		{ "x1", 9, -EINVAL, 0 },
		{ "0x0x1", 9, -EINVAL, 0 },
		{ "g", 99, -EINVAL, 0 },
		{ "-1", 99, -EINVAL, 0 },
		{ "@", 99, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(decimal); i++) {
		uint64_t n = 4711;

		assert_int_equal(text_number(decimal[i].text, decimal[i].max, &n),
				 decimal[i].ret);
		assert_int_equal(n, decimal[i].ret ? 4711 : decimal[i].value);
	}
	for (size_t i = 0; i < ARRAY_LEN(hex); i++) {
		uint64_t n = 4711;

		assert_int_equal(text_hex(hex[i].text, hex[i].max, &n), hex[i].ret);
		assert_int_equal(n, hex[i].ret ? 4711 : hex[i].value);
	}
}

static void durations(void **state)
{
	static const struct number rows[] = {
		{ "30", 0, 0, 30000 }, { "30s", 0, 0, 30000 }, { "500ms", 0, 0, 500 },
		{ "2min", 0, 0, 120000 }, { "0", 0, 0, 0 }, { "60min", 0, 0, 3600000 },
		{ "3600", 0, 0, 3600000 }, { "3600000ms", 0, 0, 3600000 },
		{ "61min", 0, -ERANGE, 0 }, { "3601", 0, -ERANGE, 0 },
		{ "3600001ms", 0, -ERANGE, 0 }, { "99999999999999999999s", 0, -ERANGE, 0 },
		{ "", 0, -EINVAL, 0 }, { "s", 0, -EINVAL, 0 }, { "30 s", 0, -EINVAL, 0 },
		{ "30m", 0, -EINVAL, 0 }, { "1h", 0, -EINVAL, 0 }, { "-1s", 0, -EINVAL, 0 },
		{ "1.5s", 0, -EINVAL, 0 }, { "30S", 0, -EINVAL, 0 }, { "30ss", 0, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned int ms = 4711;

		assert_int_equal(text_duration(rows[i].text, &ms), rows[i].ret);
		assert_int_equal(ms, rows[i].ret ? 4711 : rows[i].value);
	}
}

static void words(void **state)
{
	const char *cursor = " one\ttwo  three \n";
	char word[6] = "?";

	(void)state;
	assert_int_equal(text_next_word(&cursor, word, 4), 1);
	assert_string_equal(word, "one");
	assert_int_equal(text_next_word(&cursor, word, sizeof(word)), 1);
	assert_string_equal(word, "two");
	assert_int_equal(text_next_word(&cursor, word, 5), -ENAMETOOLONG);
	assert_string_equal(word, "two");
	assert_int_equal(text_next_word(&cursor, word, sizeof(word)), 1);
	assert_string_equal(word, "three");
	assert_int_equal(text_next_word(&cursor, word, sizeof(word)), 0);
	assert_int_equal(text_next_word(&cursor, word, sizeof(word)), 0);
	assert_string_equal(word, "three");

	assert_true(text_has_word("pm bus flr", "pm"));
	assert_true(text_has_word("pm bus flr", "flr"));
	assert_true(text_has_word(" pm", "pm"));
	assert_false(text_has_word("af_flr", "flr"));
	assert_false(text_has_word("flr_af", "flr"));
	assert_false(text_has_word("pm bus", ""));
	assert_false(text_has_word("", "pm"));
	assert_false(text_has_word("pm bus", "pm bus"));
}

static void nearest(void **state)
{
	static const char *const names[] = {
		"take", "siblings", "also", "address", "in-use", "give-back", "",
	};
	static const char *const rows[][2] = {
		{ "adress", "address" }, { "addresses", "address" }, { "sibling", "siblings" },
		{ "give_back", "give-back" }, { "inuse", "in-use" }, { "tkae", "take" },
		{ "takes", "take" }, { "aslo", "also" }, { "address", "address" },
		{ "tk", NULL }, { "", "" }, { "colour", NULL }, { "give", NULL },
	};
	char longest[200];

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *found = text_nearest(rows[i][0], names, ARRAY_LEN(names));

		if (rows[i][1])
			assert_string_equal(found, rows[i][1]);
		else
			assert_null(found);
	}
	assert_null(text_nearest("x", NULL, 0));
	assert_null(text_nearest(longest, names, ARRAY_LEN(names)));
	assert_null(text_nearest("aaaa", (const char *const[]){ longest }, 1));
}

static void domain_names(void **state)
{
	static const char *const good[] = {
		"t1", "win 11", " ", "-rf", "--help", ".hidden", "...", "..a", "ü", "a:b", "a\\b",
		"\xff\xfe", "name.ini", "*", "$(reboot)", "%s%n",
	};
	static const char *const bad[] = {
		"", ".", "..", "/", "a/b", "../x", "x/..", "/etc/passwd", "a\nb", "a\tb", "\x01",
		"a\x7f", "\x1b[2J",
	};
	char name[300] = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(text_is_name(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(text_is_name(bad[i]));
	memset(name, 'n', 251);
	assert_true(text_is_name(name));
	name[251] = 'n';
	assert_false(text_is_name(name));
}

static void uuids(void **state)
{
	static const char good[] = "2f82ee72-3ac5-4615-9c0b-327c12e8c83d";
	char uuid[UUID_LEN];

	(void)state;
	assert_true(text_is_uuid(good));
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		static const char wrong[] = { 'g', 'A', '/', ' ', '\0' };

		for (size_t c = 0; c < sizeof(wrong); c++) {
			memcpy(uuid, good, sizeof(uuid));
			uuid[i] = wrong[c];
			assert_false(text_is_uuid(uuid));
		}
		memcpy(uuid, good, sizeof(uuid));
		uuid[i] = uuid[i] == '-' ? '0' : '-';
		assert_false(text_is_uuid(uuid));
	}
	assert_false(text_is_uuid("2f82ee72-3ac5-4615-9c0b-327c12e8c83d0"));
	assert_false(text_is_uuid("2f82ee723ac546159c0b327c12e8c83d"));
	assert_false(text_is_uuid("../../../../../../../../../etc/passw"));
}

/* who pastes a command that we propose must not run what a tenant has called his VM */
static void typed(void **state)
{
	static const char uuid[] = "2f82ee72-3ac5-4615-9c0b-327c12e8c83d";
	static const char *const same[] = { "train01", "win-11_a.b", "7of9", "a+b@c:d,e", "db", "cafe" };
	static const char *const odd[] = {
		"a b",	"a;reboot", "$(reboot)", "`reboot`", "a|b",  "a&b", "a>b",
		"a'b",	"a\"b",	    "a\\b",	 "a*",	     "~root", "#a",  "{a,b}",
		"!a",	"--host",   "-a",	 "4711",     "a=b",  "\303\274",
		"00000000-0000-4000-8000-00000000000b",
		"+3",	"0000000000004000-8000-00000000000B",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		assert_string_equal(text_typed(same[i], uuid), same[i]);
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		assert_string_equal(text_typed(odd[i], uuid), uuid);
		assert_string_equal(text_typed(odd[i], ""), odd[i]);
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		const char *form;	/* NULL: refused */
	} rows[] = {
		{ "0000:01:00.0", "0000:01:00.0" },
		{ "01:00.0", "0000:01:00.0" },
		{ "0000:E8:1F.7", "0000:e8:1f.7" },
		{ "10000:00:1f.7", "10000:00:1f.7" },
		{ "00010000:00:1f.7", "10000:00:1f.7" },
		{ "ffffff:ff:1f.7", "ffffff:ff:1f.7" },
		{ "1000000:00:00.0", NULL }, { "000000000:00:00.0", NULL },
		{ "000:01:00.0", NULL }, { ":01:00.0", NULL }, { "0000:1:00.0", NULL },
		{ "0000:01:0.0", NULL }, { "0000:01:20.0", NULL }, { "0000:01:00.8", NULL },
		{ "0000:01:00.00", NULL }, { "0000:01:00.", NULL }, { "0000:01:00", NULL },
		{ "0000:01:00:0", NULL }, { "0000:001:00.0", NULL }, { "0x01:00.0", NULL },
		{ "0000:0x:00.0", NULL }, { " 01:00.0", NULL }, { "01:00.0 ", NULL },
		{ "01:00.0/..", NULL }, { "01.00.0", NULL }, { "", NULL }, { ":", NULL },
		{ "::", NULL }, { "0000:0000:01:00.0", NULL }, { "zz:00.0", NULL },
		{ "-1:00.0", NULL }, { "ü1:00.0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bdf b = { .domain = 1, .bus = 2, .slot = 3, .function = 4 };
		char form[BDF_LEN];

		assert_int_equal(bdf_parse(rows[i].text, &b), rows[i].form ? 0 : -EINVAL);
		bdf_format(&b, form);
		assert_string_equal(form, rows[i].form ?: "0001:02:03.4");
	}
}

static void every_address_comes_back(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < 65536; n++) {
		struct bdf a = { n * 97, n & 0xff, (n >> 8) & 0x1f, n >> 13 }, b;
		char form[BDF_LEN];

		bdf_format(&a, form);
		assert_int_equal(bdf_parse(form, &b), 0);
		assert_true(bdf_equal(&a, &b));
		b.function ^= 1;
		assert_true(bdf_same_slot(&a, &b) && !bdf_equal(&a, &b));
		b.slot ^= 1;
		assert_false(bdf_same_slot(&a, &b));
	}
}

static void id_pairs(void **state)
{
	static const char *const bad[] = {
		"", "10de", "10de:", ":2684", "10de:268", "10de:26844", "10DE 2684", "0x10de:2684",
		"10de:2684 ", "10de:2684:", "10dg:2684", "*:*",
	};
	struct id_pair id = { 1, 2 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(id_pair_parse(bad[i], &id), -EINVAL);
		assert_true(id.vendor == 1 && id.device == 2);
	}
	assert_int_equal(id_pair_parse("10DE:2684", &id), 0);
	assert_true(id.vendor == 0x10de && id.device == 0x2684);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copy_is_whole_or_nothing),
		cmocka_unit_test(format_is_whole_or_empty),
		cmocka_unit_test(sentence_is_one_printable_line),
		cmocka_unit_test(sentence_is_cut_between_characters),
		cmocka_unit_test(numbers),
		cmocka_unit_test(durations),
		cmocka_unit_test(words),
		cmocka_unit_test(nearest),
		cmocka_unit_test(domain_names),
		cmocka_unit_test(uuids),
		cmocka_unit_test(typed),
		cmocka_unit_test(addresses),
		cmocka_unit_test(every_address_comes_back),
		cmocka_unit_test(id_pairs),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
