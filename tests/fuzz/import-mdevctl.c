// SPDX-License-Identifier: GPL-2.0-or-later
/* import-mdevctl.c - mdevctl's folder: names of a folder and of a file, and JSON in it */

#include "fuzz.h"

#include "boot-check.h"
#include "import-boot.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first two parts are names, as far as they can be; returns whether they are */
static bool take_name(const uint8_t **data, size_t *size, char ret[static 64])
{
	size_t len;
	const uint8_t *part = fuzz_next(data, size, &len);

	len -= len && part[len - 1] == '\n';
	if (!len || len >= 64 || memchr(part, '/', len) || memchr(part, '\0', len))
		return false;
	memcpy(ret, part, len);
	ret[len] = '\0';
	return strcmp(ret, ".") != 0 && strcmp(ret, "..") != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct import_boot b;
	char parent[64], name[64], path[256];
	int dir;

	if (!take_name(&data, &size, parent) || !take_name(&data, &size, name))
		return 0;
	snprintf(path, sizeof(path), "mdevctl/%s/%s", parent, name);
	fuzz_file(boot_root(), path, data, size);
	dir = openat(boot_root(), "mdevctl", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fuzz_must(dir >= 0);
	fuzz_guard(true);
	boot_begin(&b);
	fuzz_must(import_mdevctl(&b, dir) == 0);
	boot_end(&b);
	fuzz_guard(false);
	close(dir);
	unlinkat(boot_root(), path, 0);
	*strrchr(path, '/') = '\0';
	unlinkat(boot_root(), path, AT_REMOVEDIR);
	return 0;
}
