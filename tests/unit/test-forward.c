// SPDX-License-Identifier: GPL-2.0-or-later
/* test-forward.c - which forwards collide, which covers another, what VMs are called */

/*
 * Real: forward.c, forward-index.c. No kernel is asked; see tests/netns for that.
 */

#include "forward-index.h"
#include "forward-one.h"

/* The index finds what comparing with each of them finds. */
static void index_finds(void **state)
{
	static struct forward_index x;
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	struct forwards list[2] = { { .vm = "a" }, { .vm = "b" } };
	const struct forwards *in = NULL;
	unsigned int hits = 0, seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 3000; i++) {
		unsigned int lo = (unsigned int)rand_r(&seed) % 65536;
		unsigned int hi = lo + (i % 10 ? 0 : (unsigned int)rand_r(&seed) % 300);
		struct forward f = one(lo, hi > 65535 ? 65535 : hi, NULL, NULL);
		const struct forward *found, *want = NULL;

		f.proto = protocols[i % 3];
		for (size_t k = 0; k < 2; k++)
			for (size_t n = 0; n < list[k].n && !want; n++)
				if (forward_collides(&f, &list[k].list[n]))
					want = &list[k].list[n];
		found = forward_index_find(&x, &f, forward_collides, &in);
		assert_int_equal(found != NULL, want != NULL);
		hits += found != NULL;
		assert_true(!found || (forward_collides(&f, found) && found >= in->list &&
				       found < in->list + in->n));
		assert_int_equal(forwards_add(&list[i % 2], &f), 0);
		assert_int_equal(forward_index_add(&x, &list[i % 2], list[i % 2].n - 1),
				 0);
	}
	assert_in_range(hits, 100, 2900);
	forward_index_free(&x);
	for (size_t k = 0; k < 2; k++)
		forwards_free(&list[k]);
}

static void collisions(void **state)
{
	static const struct {
		unsigned int lo[2], hi[2];
		const char *listen[2], *from[2];
		bool want;
	} rows[] = {
		{ { 80, 80 }, { 80, 80 }, { NULL, NULL }, { NULL, NULL }, true },
		{ { 80, 81 }, { 80, 81 }, { NULL, NULL }, { NULL, NULL }, false },
		{ { 80, 85 }, { 90, 85 }, { NULL, NULL }, { NULL, NULL }, true },
		{ { 80, 90 }, { 90, 99 }, { NULL, NULL }, { NULL, NULL }, true },
		{ { 80, 80 }, { 80, 80 }, { NULL, "203.0.113.7" }, { NULL, NULL }, true },
		{ { 80, 80 },
		  { 80, 80 },
		  { "203.0.113.8", "203.0.113.7" },
		  { NULL, NULL },
		  false },
		{ { 80, 80 }, { 80, 80 }, { NULL, "127.0.0.1" }, { NULL, NULL }, false },
		{ { 80, 80 },
		  { 80, 80 },
		  { NULL, NULL },
		  { "10.0.0.0/8", "11.0.0.0/8" },
		  false },
		{ { 80, 80 }, { 80, 80 }, { NULL, NULL }, { "10.0.0.0/8", NULL }, true },
		{ { 80, 80 },
		  { 80, 80 },
		  { NULL, NULL },
		  { "10.0.0.0/8", "10.9.0.0/16" },
		  true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct forward a = one(rows[i].lo[0], rows[i].hi[0], rows[i].listen[0],
				       rows[i].from[0]);
		struct forward b = one(rows[i].lo[1], rows[i].hi[1], rows[i].listen[1],
				       rows[i].from[1]);

		assert_int_equal(forward_collides(&a, &b), rows[i].want);
		assert_int_equal(forward_collides(&b, &a), rows[i].want);
		b.proto = IPPROTO_UDP;
		assert_false(forward_collides(&a, &b));
	}
}

/* local = yes is 127.0.0.1 too, whatever is listened on, but for another 127.x */
static void local_collisions(void **state)
{
	static const struct {
		const char *listen[2];
		bool local[2], want;
	} rows[] = {
		{ { NULL, "127.0.0.1" }, { true, true }, true },
		{ { "203.0.113.7", "127.0.0.1" }, { true, true }, true },
		{ { "203.0.113.7", "203.0.113.8" }, { true, true }, true },
		{ { "203.0.113.7", "203.0.113.8" }, { true, false }, false },
		{ { "203.0.113.7", "127.0.0.1" }, { false, true }, false },
		{ { "203.0.113.7", "127.0.0.9" }, { true, false }, false },
		{ { "127.0.0.9", "127.0.0.9" }, { true, true }, true },
		{ { "127.0.0.1", "127.0.0.9" }, { true, true }, false },
		{ { NULL, "127.0.0.9" }, { true, true }, false },
		{ { "203.0.113.7", "127.0.0.9" }, { true, true }, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct forward a = one(80, 80, rows[i].listen[0], NULL);
		struct forward b = one(80, 80, rows[i].listen[1], NULL);

		a.local = rows[i].local[0];
		b.local = rows[i].local[1];
		assert_int_equal(forward_collides(&a, &b), rows[i].want);
		assert_int_equal(forward_collides(&b, &a), rows[i].want);
	}
}

static void covering(void **state)
{
	static const struct {
		unsigned int lo, hi;
		const char *listen, *from;
		bool local, want;
	} rows[] = {
		/* who covers 80-85 of 203.0.113.7, for 10.1.0.0/16 */
		{ 80, 85, "203.0.113.7", "10.1.0.0/16", false, true },
		{ 80, 85, "203.0.113.7", "10.1.0.0/16", true, true },
		{ 70, 90, NULL, NULL, false, true },
		{ 80, 85, "203.0.113.7", "10.0.0.0/8", false, true },
		{ 80, 85, "203.0.113.7", "10.1.1.0/24", false, false },
		{ 80, 84, "203.0.113.7", "10.1.0.0/16", false, false },
		{ 80, 85, "203.0.113.8", "10.1.0.0/16", false, false },
	};
	struct forward b = one(80, 85, "203.0.113.7", "10.1.0.0/16"), every, f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		f = one(rows[i].lo, rows[i].hi, rows[i].listen, rows[i].from);
		f.local = rows[i].local;
		assert_int_equal(forward_covers(&f, &b), rows[i].want);
	}
	f = b;
	f.to++;
	assert_false(forward_covers(&f, &b));
	f = b;
	f.guest = ip("192.168.122.10");
	assert_false(forward_covers(&f, &b));
	every = one(80, 85, NULL, NULL);
	assert_false(forward_covers(&b, &every));
	f = every;
	every.local = true;
	assert_false(forward_covers(&f, &every));
}

static void tags(void **state)
{
	static const char *const rows[][2] = {
		{ "train01", "train01" },
		{ "a.b-c_D", "a.b-c_D" },
		{ "win 11", UUID },
		{ "2f82ee72-3ac5-4615-9c0b-000000000000", UUID },
		{ "\"; drop", UUID },
		{ "n23456789012345678901234567890123456789012345678901234567890123",
		  "n23456789012345678901234567890123456789012345678901234567890123" },
		{ "n234567890123456789012345678901234567890123456789012345678901234",
		  UUID },
	};
	struct forwards f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		forwards_name(&f, rows[i][0], UUID);
		assert_string_equal(f.vm, rows[i][0]);
		assert_string_equal(f.tag, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(collisions),
		cmocka_unit_test(index_finds),
		cmocka_unit_test(local_collisions),
		cmocka_unit_test(covering),
		cmocka_unit_test(tags),
	};

	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
