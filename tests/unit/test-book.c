// SPDX-License-Identifier: GPL-2.0-or-later
/* test-book.c - the forwards of a VM are written down and read again */

/*
 * Real: book.c, book-read.c. The files are in a folder that plays the host's root.
 */

#include "book.h"
#include "forward-one.h"
#include "tree.h"

#include <errno.h>

static void book_round_trip(void **state)
{
	struct guest_nic nic = { "network", MAC, "default", "virbr0" };
	struct forward f = one(8000, 8010, "203.0.113.7", "10.0.0.0/8");
	struct book b = { .uuid = UUID, .doubt = true, .nics = &nic, .n_nics = 1 }, again;
	char sentence[WHY_LEN];
	struct books all;
	struct host h;

	tree_host(*state, &h, NULL);
	forwards_name(&b.forwards, "win 11", UUID);
	f.local = true;
	f.net = (struct ip_net){ ip("192.168.122.0"), 24 };
	snprintf(f.bridge, sizeof(f.bridge), "virbr0");
	assert_int_equal(book_read(&h, "win 11", &again, sentence), -ENOENT);
	assert_int_equal(forwards_add(&b.forwards, &f), 0);
	f = one(22, 22, NULL, NULL);
	f.guest = ip("fd00::9");
	assert_int_equal(forwards_add(&b.forwards, &f), 0);
	f = one(23, 23, NULL, NULL);
	assert_int_equal(forwards_add(&b.next, &f), 0);
	b.daemon = 4711;
	assert_int_equal(book_write(&h, &b), 0);
	assert_int_equal(book_read(&h, "win 11", &again, sentence), 0);
	assert_true(forwards_equal(&again.forwards, &b.forwards));
	assert_true(again.doubt);
	assert_int_equal(again.next.n, 1);
	assert_int_equal(again.next.list[0].lo, 23);
	assert_int_equal(again.daemon, 4711);
	assert_string_equal(again.uuid, UUID);
	assert_int_equal(again.n_nics, 1);
	assert_memory_equal(again.nics, &nic, sizeof(nic));
	book_free(&again);
	assert_int_equal(books_read(&h, &all, sentence), 0);
	assert_int_equal(all.n, 1);
	assert_string_equal(sentence, "");
	books_free(&all);
	assert_int_equal(book_remove(&h, "win 11"), 0);
	assert_int_equal(book_remove(&h, "win 11"), 0);
	assert_int_equal(books_read(&h, &all, sentence), 0);
	assert_int_equal(all.n, 0);
	tree_file(*state, "run/virt-handoff/forwards/x",
		  "virt-handoff-forwards 1\nuuid\t" UUID "\nvm\ty\n");
	/* one that nobody can read is left out and said; the others are read */
	assert_int_equal(book_write(&h, &b), 0);
	assert_int_equal(books_read(&h, &all, sentence), 0);
	assert_int_equal(all.n, 1);
	books_free(&all);
	assert_string_equal(
		sentence,
		"/run/virt-handoff/forwards/x is not a file of this program: look what it has, then remove it");
	forwards_free(&b.forwards);
	forwards_free(&b.next);
	host_close(&h);
}

/* Each differs from the one before in one address alone, and then in none. */
static void book_addresses(void **state)
{
	struct forward f[8] = { one(1, 1, NULL, NULL) };
	struct book b = { .uuid = UUID }, again;
	char sentence[WHY_LEN];
	struct host h;

	tree_host(*state, &h, NULL);
	forwards_name(&b.forwards, "a", UUID);
	f[1] = f[0];
	f[1].listen = ip("203.0.113.7");
	f[2] = f[1];
	f[2].from = (struct ip_net){ ip("10.0.0.0"), 8 };
	f[3] = f[2];
	f[3].from.prefix = 9;
	f[4] = f[3];
	f[4].guest = ip("192.168.122.8");
	f[5] = f[4];
	f[5].net = (struct ip_net){ ip("192.168.122.0"), 24 };
	f[6] = f[5];
	snprintf(f[6].bridge, sizeof(f[6].bridge), "virbr0");
	f[7] = f[6];
	for (size_t i = 0; i < ARRAY_LEN(f); i++) {
		f[i].lo = f[i].hi = (uint16_t)(1 + i);
		assert_int_equal(forwards_add(&b.forwards, &f[i]), 0);
	}
	assert_int_equal(book_write(&h, &b), 0);
	assert_int_equal(book_read(&h, "a", &again, sentence), 0);
	assert_true(forwards_equal(&again.forwards, &b.forwards));
	book_free(&again);
	forwards_free(&b.forwards);
	host_close(&h);
}

static void book_mutations(void **state)
{
	static const char sample[] =
		"virt-handoff-forwards 1\nuuid\t" UUID "\nvm\ttrain01\ndoubt\n"
		"nic\tnetwork\t" MAC "\tdefault\tvirbr0\n"
		"forward\tssh\ttcp\t12223\t12223\t22\tlocal\t*\t10.0.0.0/8\t192.168.122.9\t192.168.122.0/24\tvirbr0\n"
		"forward\tssh\tudp\t1\t9\t22\t-\tfd00::1\t*\tfd00::9\t*\t-\n"
		"next\tssh\tudp\t1\t9\t22\t-\tfd00::1\t*\tfd00::9\t*\t-\n"
		"daemon\t4711\n";
	static const char *const pieces[] = {
		"\t",
		"\n",
		"*",
		"forward",
		"65536",
		"doubt\n",
		"::",
		"/",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	};
	uint64_t random = 20261123;
	unsigned int taken = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct book b;
		size_t len;
		char *text = unit_mutate(&random, sample, sizeof(sample) - 1, pieces,
					 ARRAY_LEN(pieces), &len);
		char *terminated = strndup(text, len);
		int r = book_parse(terminated, &b);

		assert_true(r == 0 || r == -EBADMSG);
		if (r == 0) {
			taken++;
			for (size_t i = 0; i < b.forwards.n; i++)
				assert_true(b.forwards.list[i].guest.family &&
					    b.forwards.list[i].lo <=
						    b.forwards.list[i].hi);
			book_free(&b);
		}
		free(terminated);
		free(text);
	}
	assert_true(taken > 20);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(book_round_trip),
		TEST(book_addresses),
		cmocka_unit_test(book_mutations),
	};

	return cmocka_run_group_tests_name("book", tests, NULL, NULL);
}
