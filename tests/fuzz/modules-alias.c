// SPDX-License-Identifier: GPL-2.0-or-later
/* modules-alias.c - modules.alias of a kernel, for the best VFIO driver of a device */

#include "fuzz.h"

#include "alias.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct alias_device devices[] = {
		{ 0x15b3, 0x101e, 0x15b3, 0x0001, 0x020000 },
		{ 0x10de, 0x2342, 0x10de, 0x16eb, 0x030200 },
	};
	char *text = fuzz_text(data, size), module[MODULE_LEN];

	fuzz_guard(true);
	for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
		memset(module, 0xff, sizeof(module));
		alias_best_vfio(text, &devices[i], module);
		fuzz_must(*module && strnlen(module, sizeof(module)) < sizeof(module));
		/* it becomes a target in a ledger, and a path below /sys/module */
		fuzz_plain(module);
		fuzz_must(!strpbrk(module, " /"), "'%s'", module);
	}
	fuzz_guard(false);
	free(text);
	return 0;
}
