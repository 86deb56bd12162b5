// SPDX-License-Identifier: GPL-2.0-or-later
/* test-ledger-read.c - a ledger that was torn, changed or never was one */

/*
 * Real: ledger-read.c, ledger.c, files in a temporary folder.
 * Faked: nothing.
 */

#include "ledger.h"
#include "ledger-text.h"
#include "tree.h"

#include <errno.h>

static struct rooted at;
static char sentence[WHY_LEN];

/* in memory of exactly this size, so that a sanitizer sees what reads past it; its NUL is
 * that of file_read_all() */
static int parse(const char *text, size_t len, struct ledger *l, size_t *ret_len)
{
	char *copy = malloc(len + 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	copy[len] = '\0';
	r = ledger_parse(copy, len, l, ret_len);
	free(copy);
	return r;
}

static void reads_everything(void **state)
{
	struct ledger l = LEDGER_NONE;
	size_t len = 0;

	(void)state;
	assert_int_equal(parse(HEAD STEPS RECORDS, strlen(HEAD STEPS RECORDS), &l, &len),
			 0);
	assert_int_equal(len, strlen(HEAD STEPS RECORDS));
	assert_string_equal(l.uuid, UUID_A);
	assert_string_equal(l.name, "my b\xc3\xbcro");
	assert_int_equal(l.deadline_ms, 30000);
	assert_int_equal(l.n_claims, 2);
	assert_string_equal(l.claims[1], "0000:01:00.1");
	assert_int_equal(l.n_steps, 3);
	assert_string_equal(l.steps[0].step.kind, "unit");
	assert_string_equal(l.steps[0].step.target, "a.service");
	assert_string_equal(l.steps[0].step.from, "active");
	assert_string_equal(l.steps[0].step.to, "inactive");
	assert_false(l.steps[0].step.keep);
	assert_true(l.steps[1].step.keep);
	assert_string_equal(l.steps[2].step.from, "");
	assert_int_equal(l.steps[0].state, LEDGER_BACK);
	assert_true(l.steps[0].at_ms == UINT64_MAX);
	assert_int_equal(l.steps[1].state, LEDGER_DID);
	assert_int_equal(l.steps[2].state, LEDGER_PLANNED);
	assert_int_equal(l.fd, -1);
	ledger_free(&l);
}

static size_t lines_with(const char *text, size_t len, const char *word)
{
	size_t n = 0;

	for (const char *p = text, *end;
	     (end = memchr(p, '\n', len - (size_t)(p - text))); p = end + 1)
		n += strncmp(p, word, strlen(word)) == 0;
	return n;
}

/* Who was told how long the head is does not take less for it. */
static void head_that_was_cut(void **state)
{
	static const char begin[] = "virt-handoff-ledger 1\nwhole\t2\t3\n";
	char text[sizeof(begin) + sizeof(HEAD STEPS RECORDS)];
	size_t head, len;

	(void)state;
	strcpy(text, begin);
	strcat(text, strchr(HEAD STEPS RECORDS, '\n') + 1);
	head = (size_t)(strstr(text, "will 0") - text);
	for (size_t cut = 0; cut <= strlen(text); cut++) {
		struct ledger l = LEDGER_NONE;

		assert_int_equal(parse(text, cut, &l, &len), cut < head ? -EBADMSG : 0);
		ledger_free(&l);
	}
}

/* A kill, or a full disk, may cut it anywhere: the whole lines count. */
static void torn_at_every_byte(void **state)
{
	static const char text[] = HEAD STEPS RECORDS;
	size_t named = strstr(text, "deadline") - text;

	(void)state;
	for (size_t cut = 0; cut < sizeof(text); cut++) {
		struct ledger l = LEDGER_NONE;
		size_t len = 12345, records = 0;
		int r = parse(text, cut, &l, &len);

		if (cut < named) { /* who it belongs to is not known */
			assert_int_equal(r, -EBADMSG);
			assert_int_equal(len, 12345);
			assert_null(l.steps);
			continue;
		}
		assert_int_equal(r, 0);
		assert_true(len <= cut && text[len - 1] == '\n' &&
			    !memchr(text + len, '\n', cut - len));
		assert_int_equal(l.n_claims, lines_with(text, cut, "claim"));
		assert_int_equal(l.n_steps, lines_with(text, cut, "step"));
		for (size_t i = 0; i < l.n_steps; i++)
			records += l.steps[i].state != LEDGER_PLANNED;
		assert_int_equal(records, (lines_with(text, cut, "will 0") > 0) +
						  (lines_with(text, cut, "will 1") > 0));
		ledger_free(&l);
	}
}

/* The torn end is cut off when the ledger is opened, so that the next record stands in a
 * line of its own. */
static void goes_on_behind_a_torn_end(void **state)
{
	static const char text[] = HEAD STEPS RECORDS;

	(void)state;
	for (size_t cut = strlen(HEAD STEPS); cut < sizeof(text); cut++) {
		struct ledger l = LEDGER_NONE, again = LEDGER_NONE;
		char torn[sizeof(text)];

		snprintf(torn, sizeof(torn), "%.*s", (int)cut, text);
		tree_file(&at.tree, LEDGER UUID_A, torn);
		assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), 0);
		assert_int_equal(ledger_mark(&l, 2, LEDGER_UNDID), 0);
		assert_int_equal(ledger_open(&at.host, UUID_A, &again, sentence), 0);
		assert_int_equal(again.steps[2].state, LEDGER_UNDID);
		assert_int_equal(again.steps[0].state, l.steps[0].state);
		assert_int_equal(again.steps[1].state, l.steps[1].state);
		ledger_free(&l);
		ledger_free(&again);
	}
}

static void garbage(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"x",
		"x\n",
		"virt-handoff-ledger 1\n",
		"virt-handoff-ledger 2\n" HEAD,
		"virt-handoff-ledger 1\nuuid\t" UUID_A "\n",
		"virt-handoff-ledger 1\nname\tvm\n",
		"virt-handoff-ledger 1\nuuid\t../../etc\nname\tvm\n",
		"virt-handoff-ledger 1\nuuid\t" UUID_A "\nname\t../x\n",
		HEAD "\n",
		HEAD "claim\n",
		HEAD "claim\t\n",
		HEAD "claim\tnot an address\n",
		HEAD "claim\t0000:01:00.0\tx\n",
		HEAD "deadline\t-1\n",
		HEAD "deadline\t99999999\n",
		HEAD "step\n",
		HEAD "step\ta\tb\tc\td\n",
		HEAD "step\ta\tb\tc\td\tx\n",
		HEAD "step\ta\tb\tc\td\tback\te\n",
		HEAD "step\ta\tb\tc\x1b[2J\td\tback\n",
		HEAD "unknown\tx\n",
		HEAD "step\tabcdefghijklmnopq\tb\tc\td\tback\n",
		HEAD STEPS "will\n",
		HEAD STEPS "will 0\n",
		HEAD STEPS "will 3 1\n",
		HEAD STEPS "will -1 1\n",
		HEAD STEPS "will 0 1 1\n",
		HEAD STEPS "will 0 \n",
		HEAD STEPS " 0 1\n",
		HEAD STEPS "shall 0 1\n",
		HEAD STEPS "will 0 99999999999999999999\n",
		HEAD STEPS "will 99999999999 1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct ledger l = LEDGER_NONE;
		size_t len = 12345;

		assert_int_equal(parse(texts[i], strlen(texts[i]), &l, &len), -EBADMSG);
		assert_int_equal(len, 12345);
		assert_null(l.steps);
		assert_null(l.claims);
	}
	for (size_t cut = 0; cut < strlen(HEAD STEPS RECORDS); cut++) {
		char text[] = HEAD STEPS RECORDS;
		struct ledger l = LEDGER_NONE;
		size_t len;

		text[cut] = '\0';
		assert_int_equal(parse(text, sizeof(text) - 1, &l, &len),
				 text[cut + 1] ? -EBADMSG : 0);
		ledger_free(&l);
	}
}

static void more_than_the_bounds(void **state)
{
	size_t len = 0, size = (PLAN_MAX + CLAIMS_MAX + 2) * 40;
	char *text = malloc(size);
	struct ledger l = LEDGER_NONE;

	(void)state;
	assert_non_null(text);
	for (size_t n = PLAN_MAX; n <= PLAN_MAX + 1; n++) {
		size_t have = (size_t)sprintf(text, "%s", HEAD);

		for (size_t i = 0; i < n; i++)
			have += (size_t)sprintf(text + have, "step\ta\tb\tc\td\tback\n");
		assert_int_equal(parse(text, have, &l, &len),
				 n > PLAN_MAX ? -EBADMSG : 0);
		ledger_free(&l);
	}
	for (size_t n = CLAIMS_MAX - 2; n <= CLAIMS_MAX - 1; n++) {
		size_t have = (size_t)sprintf(text, "%s", HEAD);

		for (size_t i = 0; i < n; i++)
			have += (size_t)sprintf(text + have, "claim\t0000:01:00.0\n");
		assert_int_equal(parse(text, have, &l, &len),
				 n > CLAIMS_MAX - 2 ? -EBADMSG : 0);
		ledger_free(&l);
	}
	free(text);
}

static void mutations(void **state)
{
	static const char *const pieces[] = { "\n",
					      "\t",
					      " ",
					      "step\t",
					      "will 0 1\n",
					      "undid 2 9\n",
					      "claim\t",
					      "name\t",
					      "uuid\t",
					      "-1",
					      "99999999999999999999",
					      "virt-handoff-ledger 1\n" };
	uint64_t seed = 0x5eed;
	unsigned int good = 0;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		struct ledger l = LEDGER_NONE;
		size_t len, n = 0;
		char *text =
			unit_mutate(&seed, HEAD STEPS RECORDS, strlen(HEAD STEPS RECORDS),
				    pieces, ARRAY_LEN(pieces), &len);
		int r = parse(text, len, &l, &n);

		assert_true(r == 0 || r == -EBADMSG);
		if (r == 0) {
			assert_true(n <= len && l.n_steps <= PLAN_MAX &&
				    text_is_name(l.name) && text_is_uuid(l.uuid));
			good++;
		}
		ledger_free(&l);
		free(text);
	}
	assert_in_range(good, 1000, 49000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_everything),
		cmocka_unit_test(head_that_was_cut),
		cmocka_unit_test(torn_at_every_byte),
		ROOTED_TEST(goes_on_behind_a_torn_end, &at),
		cmocka_unit_test(garbage),
		cmocka_unit_test(more_than_the_bounds),
		cmocka_unit_test(mutations),
	};

	return cmocka_run_group_tests_name("ledger-read", tests, NULL, NULL);
}
