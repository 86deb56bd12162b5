// SPDX-License-Identifier: GPL-2.0-or-later
/* import-driverctl.c - driverctl's folder: name of a file, and the driver in it */

#include "fuzz.h"

#include "boot-check.h"
#include "import-boot.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct import_boot b;
	char name[128], path[256];
	const uint8_t *part;
	size_t len;
	int dir;

	part = fuzz_next(&data, &size, &len);
	len -= len && part[len - 1] == '\n';
	if (!len || len >= sizeof(name) || memchr(part, '/', len) ||
	    memchr(part, '\0', len) || (*part == '.' && len <= 2))
		return 0;
	memcpy(name, part, len);
	name[len] = '\0';
	snprintf(path, sizeof(path), "driverctl/%s", name);
	fuzz_file(boot_root(), path, data, size);
	dir = openat(boot_root(), "driverctl", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fuzz_must(dir >= 0);
	fuzz_guard(true);
	boot_begin(&b);
	fuzz_must(import_driverctl(&b, dir) == 0);
	fuzz_must(import_devices_end(&b) == 0);
	boot_end(&b);
	fuzz_guard(false);
	close(dir);
	unlinkat(boot_root(), path, 0);
	return 0;
}
