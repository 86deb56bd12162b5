// SPDX-License-Identifier: GPL-2.0-or-later
/* import-iptables.c - iptables-save output and iptables commands in notes */

#include "fuzz.h"

#include "import-check.h"
#include "import-ini.h"
#include "import-iptables.h"

#include <stdlib.h>
#include <sys/socket.h>

/* of two guests it is known which VMs they are, of the others not */
static struct import_vm known[] = {
	{ "train01", { AF_INET, { 192, 168, 122, 167 } } },
	{ "train01", { AF_INET, { 192, 168, 122, 168 } } },
	{ "desk", { AF_INET, { 10, 0, 0, 2 } } },
};

static void write(const struct import *i)
{
	const struct import_vms vms = { known, ARRAY_LEN(known) };
	char *text = NULL;
	size_t len;
	FILE *f = fuzz_stream(&text, &len);

	fuzz_must(import_write(i, &vms, f) == 0);
	fclose(f);
	import_check(text);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_bytes(data, size), why[WHY_LEN] = "";
	struct import found = { 0 };

	fuzz_guard(true);
	if (import_iptables(text, size, &found, why) == 0) {
		fuzz_must(found.n <= IMPORT_FORWARDS_MAX);
		for (size_t i = 0; i < found.n_notes; i++)
			fuzz_sentence(found.note[i].text);
		for (size_t i = 0; i < found.n; i++)
			fuzz_must(found.forward[i].lo &&
				  found.forward[i].lo <= found.forward[i].hi);
		write(&found);
		import_free(&found);
	} else {
		fuzz_sentence(why);
	}
	fuzz_guard(false);
	free(text);
	return 0;
}
