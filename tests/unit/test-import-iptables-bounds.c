// SPDX-License-Identifier: GPL-2.0-or-later
/* test-import-iptables-bounds.c - virt-handoff import iptables: as much as is read, and one more */

/*
 * Real: the parser, the writer, conf.c, files below TMPDIR. Nothing is faked.
 */

#include "import-back.h"

#include <errno.h>

static void bounds(void **state)
{
	static const char good[] =
		"\niptables -t nat -A PREROUTING -p tcp --dport 7 -j DNAT --to 10.0.0.2\n";
	char *text = malloc(IMPORT_TEXT_MAX + 1), sentence[WHY_LEN] = "", *out;
	const struct tree *t = *state;
	struct import found;

	assert_non_null(text);
	memset(text, 'a', IMPORT_TEXT_MAX + 1);
	assert_int_equal(import_iptables(text, IMPORT_TEXT_MAX + 1, &found, sentence),
			 -E2BIG);
	assert_non_null(strstr(sentence, "1048576 bytes"));
	assert_int_equal(import_iptables("", 0, &found, sentence), 0);
	import_free(&found);
	/* a line of 64 kB, a NUL, more words than a command has: the next line is read
	 * all the same */
	memcpy(text, "iptables -t nat", 15);
	memcpy(text + 65536, good, sizeof(good));
	assert_int_equal(
		import_iptables(text, 65536 + sizeof(good) - 1, &found, sentence), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.n_notes, 1);
	assert_non_null(strstr(found.note[0].text, "the line is too long"));
	import_free(&found);
	memcpy(text, "iptables -A\0b", 13);
	memcpy(text + 13, good, sizeof(good));
	assert_int_equal(import_iptables(text, 13 + sizeof(good) - 1, &found, sentence),
			 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.n_notes, 1);
	assert_non_null(strstr(found.note[0].text, "NUL"));
	import_free(&found);
	for (size_t i = 0; i < 2000; i++)
		memcpy(text + 16 * i, "iptables -A a   ", 16);
	memcpy(text + 32000, good, sizeof(good));
	assert_int_equal(
		import_iptables(text, 32000 + sizeof(good) - 1, &found, sentence), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.n_notes, 1);
	import_free(&found);
	/* a value of any length leaves room for what to write; no line ends with a
	 * backslash */
	memset(text, '\\', 20000);
	memcpy(text, "iptables -A FORWARD -j ACCEPT -p '", 34);
	memcpy(text + 20000, "'", 2);
	assert_int_equal(import_iptables(text, 20001, &found, sentence), 0);
	assert_int_equal(found.n_notes, 1);
	assert_non_null(strstr(found.note[0].text, "tcp, udp and sctp can"));
	out = import_back_print(t, &found);
	import_back_check(t, &found, out);
	lines_of_file(t, out, &(struct lines){ 0 });
	free(out);
	import_free(&found);
	/* what ends with a backslash is no line of an INI file */
	assert_int_equal(import_iptables("-A \\\\ -j DNAT \\", 16, &found, sentence), 0);
	out = import_back_print(t, &found);
	import_back_check(t, &found, out);
	free(out);
	import_free(&found);
	free(text);
}

/* Chains that lead to each other in a million ways; clients that no line of INI takes */
static void many(void **state)
{
	char *text = malloc(IMPORT_TEXT_MAX), sentence[WHY_LEN] = "", *out;
	const struct tree *t = *state;
	struct import found;
	size_t len = 0;

	assert_non_null(text);
	for (size_t i = 0; i < 400; i++)
		len += (size_t)sprintf(text + len, "-A a -j b\n-A b -j a\n");
	len += (size_t)sprintf(text + len,
			       "-t nat -A a -p tcp --dport 1 -j DNAT --to 10.0.0.2\n");
	assert_int_equal(import_iptables(text, len, &found, sentence), 0);
	import_free(&found);
	len = 0;
	for (size_t i = 0; i < 64; i++)
		len += (size_t)sprintf(
			text + len,
			"ip6tables -t nat -A PREROUTING -s 2001:db8:aaaa:bbbb:cccc:dddd:eeee:%zx -p tcp --dport 1 -j DNAT --to [fd00::2]:2\n",
			i + 4096);
	for (size_t i = 0; i < 40; i++)
		len += (size_t)sprintf(
			text + len,
			"ip6tables -t nat -A PREROUTING -d 2001:db8:aaaa:bbbb:cccc:dddd:eeee:%zx -p sctp --dport 8000:8010 -j DNAT --to [fd00::2]:2-12/8000\n",
			i + 4096);
	assert_int_equal(import_iptables(text, len, &found, sentence), 0);
	assert_int_equal(found.n, 41);
	assert_false(import_look(&found));
	out = import_back_print(t, &found);
	import_back_check(t, &found, out);
	assert_non_null(strstr(out, "[forward tcp-2-1]"));
	free(out);
	import_free(&found);
	free(text);
}

/* A table, @n lines with a number between two words, and a line of the table nat */
static void read_lines(const char *const words[static 3], unsigned int n, const char *end,
		       struct import *ret)
{
	char *text = malloc(IMPORT_TEXT_MAX), sentence[WHY_LEN] = "";
	size_t len;

	assert_non_null(text);
	len = (size_t)sprintf(text, "*%s\n", words[0]);
	for (unsigned int i = 1; i <= n; i++) {
		len += (size_t)sprintf(text + len, "-A %s%u%s\n", words[1], i, words[2]);
		assert_true(len < IMPORT_TEXT_MAX - 256);
	}
	len += (size_t)sprintf(text + len, "*nat\n%s", end);
	assert_int_equal(import_iptables(text, len, ret, sentence), 0);
	free(text);
}

/* As much as is taken, and what is said of one more */
static void more_than_is_taken(void **state)
{
	static const struct {
		const char *words[3], *end;
		unsigned int most;
		size_t n, n_after; /* forwards; of one line more */
		const char *said;
	} cases[] = {
		{ { "filter", "a", " -j b" },
		  "-A PREROUTING -p tcp --dport 1 -j DNAT --to 10.0.0.2\n",
		  32767,
		  1,
		  0,
		  "more than 32768 rules are not read; give the part with the forwards alone" },
		/* not such that become a range */
		{ { "nat", "PREROUTING -p tcp --dport ", " -j DNAT --to 10.0.0.2:1" },
		  "",
		  8192,
		  8192,
		  8192,
		  "more than 8192 forwards are not taken; write ranges" },
		{ { "nat", "PREROUTING -p tcp --dport 1 -j DNAT --to 10.0.0.2 -s 10.8.0.",
		    "" },
		  "",
		  64,
		  1,
		  1,
		  "more than 64 networks may use this port; write larger ones" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct import found;

		read_lines(cases[i].words, cases[i].most, cases[i].end, &found);
		assert_int_equal(found.n, cases[i].n);
		assert_int_equal(found.n_notes, 0);
		import_free(&found);
		read_lines(cases[i].words, cases[i].most + 1, cases[i].end, &found);
		assert_int_equal(found.n, cases[i].n_after);
		assert_int_equal(found.n_notes, 1);
		assert_int_equal(found.note[0].kind, IMPORT_LEFT);
		if (!strstr(found.note[0].text, cases[i].said))
			fail_msg("%s", found.note[0].text);
		import_free(&found);
	}
}

/* FORWARD names more clients than a line takes: who may connect is left to the reader */
static void more_than_is_accepted(void **state)
{
	static const char dnat[] =
		"-A PREROUTING -p tcp --dport 1 -j DNAT --to 10.0.0.2\n";
	static const char *const words[] = { "filter",
					     "FORWARD -d 10.0.0.2 -j ACCEPT -s 10.8.0.",
					     "" };
	struct import found;

	(void)state;
	read_lines(words, 64, dnat, &found);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.forward[0].n_from, 64);
	assert_int_equal(found.n_notes, 1);
	assert_int_equal(found.note[0].kind, IMPORT_SAID);
	import_free(&found);
	read_lines(words, 65, dnat, &found);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.forward[0].n_from, 0);
	assert_int_equal(found.n_notes, 1);
	assert_int_equal(found.note[0].kind, IMPORT_LOOK);
	assert_non_null(strstr(
		found.note[0].text,
		"FORWARD accepts more than 64 networks; write in 'from' who may connect"));
	import_free(&found);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bounds),
		TEST(many),
		cmocka_unit_test(more_than_is_taken),
		cmocka_unit_test(more_than_is_accepted),
	};

	return cmocka_run_group_tests_name("import-iptables-bounds", tests, NULL, NULL);
}
