// SPDX-License-Identifier: GPL-2.0-or-later
/* early-list.c - early.list, as the initramfs reads it */

#include "fuzz.h"

#include "early-list.h"

#include <stdlib.h>
#include <string.h>

static void print_again(const struct early_list *l)
{
	struct early_list *again = calloc(1, sizeof(*again));
	char *text = malloc(EARLY_TEXT_MAX), why[WHY_LEN] = "";

	fuzz_must(again && text);
	fuzz_must(early_list_print(l, text) == 0);
	fuzz_lines(text);
	fuzz_must(early_list_parse(text, again, why) == 0, "%s", why);
	fuzz_must(again->n == l->n);
	for (size_t i = 0; i < l->n; i++)
		fuzz_must(memcmp(&l->entry[i], &again->entry[i], sizeof(l->entry[i])) ==
			  0);
	free(text);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct early_list l;
	char *text = fuzz_text(data, size), why[WHY_LEN] = "";
	int r;

	memset(&l, 0, sizeof(l));
	fuzz_guard(true);
	r = early_list_parse(text, &l, why);
	if (r < 0) {
		fuzz_sentence(why);
		fuzz_must(l.n == 0 && strncmp(why, "early.list:", 11) == 0);
	} else {
		print_again(&l);
	}
	fuzz_guard(false);
	free(text);
	return 0;
}
