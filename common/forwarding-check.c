// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding-check.c - whether the kernel has the forwards that are written down */

#include "forwarding-parts.h"

static void say_nothing(enum log_level level, const char *sentence)
{
	(void)level;
	(void)sentence;
}

static bool is_settled(const struct books *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->book[i].doubt)
			return false;
	return true;
}

static bool are_same(const struct books *a, const struct books *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; i < a->n && same; i++)
		same = forwards_equal(&a->book[i].forwards, &b->book[i].forwards);
	return same;
}

/*
 * Whoever changes forwards writes a book before and after. So what differs differs because of
 * somebody else when the books say the same before and after the look.
 */
int forwarding_check(struct host *h, bool *ret_same, char ret_why[static WHY_LEN])
{
	struct forwarding_report nobody = { .say = say_nothing, .who = "" };
	struct forwarding x = { .h = h, .rep = &nobody };
	struct books before = { 0 }, after = { 0 };
	char unused[WHY_LEN];
	int r = books_read(h, &before, unused);

	*ret_same = true;
	if (r == 0 && before.n > 0 && is_settled(&before))
		r = forwarding_look(&x, false, true, ret_why);
	if (r == 0 && x.books.n > 0)
		r = forwarding_compare(&x, ret_same, ret_why);
	if (r == 0 && !*ret_same)
		r = books_read(h, &after, unused);
	if (r == 0 && !*ret_same)
		*ret_same = !are_same(&before, &after) || !is_settled(&after);
	forwarding_forget(&x);
	books_free(&before);
	books_free(&after);
	return r;
}
