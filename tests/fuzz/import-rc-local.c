// SPDX-License-Identifier: GPL-2.0-or-later
/* import-rc-local.c - the shell of an rc.local, which is read and never run */

#include "fuzz.h"

#include "boot-check.h"
#include "import-boot.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct import_boot b;
	char *text = fuzz_bytes(data, size);

	boot_root();
	fuzz_guard(true);
	boot_begin(&b);
	fuzz_must(import_rc_local(&b, text, size) == 0);
	boot_end(&b);
	fuzz_guard(false);
	free(text);
	return 0;
}
