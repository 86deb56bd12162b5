// SPDX-License-Identifier: GPL-2.0-or-later
/* nvidia-smi.c - the three answers of nvidia-smi that are read */

#include "fuzz.h"

#include "smi.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void read_instances(const char *text)
{
	char have[SMI_INSTANCES_LEN] = "untouched", word[SMI_INSTANCES_LEN];
	int r = smi_read_instances(text, have);
	const char *cursor = have;

	fuzz_must(r == 0 || r == -EBADMSG || r == -E2BIG);
	fuzz_must(*have && (r == 0 || strcmp(have, "untouched") == 0));
	/* it is a state in a ledger, and goes back to nvidia-smi as arguments */
	fuzz_plain(have);
	while (r == 0 && strcmp(have, "none") &&
	       text_next_word(&cursor, word, sizeof(word)))
		fuzz_must(*word >= '1' && *word <= '9', "'%s'", word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	int pending = -1, r;

	fuzz_guard(true);
	r = smi_read_mig_mode(text, &pending);
	fuzz_must(r <= 1 && (r < 0 ? pending == -1 : pending == 0 || pending == 1));
	r = smi_read_mixed(text);
	fuzz_must(r <= 1);
	read_instances(text);
	fuzz_guard(false);
	free(text);
	return 0;
}
