// SPDX-License-Identifier: GPL-2.0-or-later
/* modprobe.c - files of modprobe.d and the kernel's command line, as import and check read them */

#include "fuzz.h"

#include "habit.h"

#include <stdlib.h>
#include <string.h>

static void check(const struct habits *h)
{
	const struct alias_device dev = { 0x10de, 0x2684, 0x1458, 0x40bf, 0x030000 };
	char advice[WHY_LEN];

	fuzz_must(h->n <= HABITS_MAX);
	for (size_t i = 0; i < h->n; i++) {
		const struct habit *one = &h->habit[i];

		fuzz_must(one->n_ids <= HABIT_IDS_MAX);
		(void)habit_matches(one, &dev);
		habit_advice(one, advice);
		fuzz_sentence(advice);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct habits *h = calloc(1, sizeof(*h));
	char *text = fuzz_text(data, size);
	int r;

	fuzz_must(h);
	fuzz_guard(true);
	r = habits_read_conf(text, "/etc/modprobe.d/vfio.conf", h);
	fuzz_must(r <= 0);
	check(h);
	h->n = 0;
	r = habits_read_cmdline(text, h);
	fuzz_must(r <= 0);
	check(h);
	fuzz_guard(false);
	free(text);
	free(h);
	return 0;
}
