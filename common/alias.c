// SPDX-License-Identifier: GPL-2.0-or-later
/* alias.c - the best VFIO driver for a device, from modules.alias */

#include "alias.h"

#include "text.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PREFIX       "alias vfio_pci:v"
#define MODULE_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/*
 * One field of an alias: a letter or two, then "*" or a hexadecimal number of fixed width
 */
struct field {
	const char *name;
	unsigned int digits;
	uint32_t value;
};

/*
 * alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci
 *
 * Returns the number of wildcards, or -1 when it does not fit; where the module's name is.
 */
static int match(const char *pattern, const struct field *f, size_t n,
		 const char **ret_module)
{
	int wildcards = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(f[i].name);
		char want[16];

		if (strncmp(pattern, f[i].name, len) != 0)
			return -1;
		pattern += len;
		if (*pattern == '*') {
			wildcards++;
			pattern++;
			continue;
		}
		snprintf(want, sizeof(want), "%0*X", (int)f[i].digits, f[i].value);
		if (strncmp(pattern, want, f[i].digits) != 0)
			return -1;
		pattern += f[i].digits;
	}
	*ret_module = pattern + 1;
	return *pattern == ' ' ? wildcards : -1;
}

/* What stands behind an alias to the end of its line; no further than a name can be long */
static bool take_module(const char *p, char ret[static MODULE_LEN])
{
	size_t len = strspn(p, MODULE_CHARS);

	if (len == 0 || len >= MODULE_LEN || (p[len] && p[len] != '\n'))
		return false;
	memcpy(ret, p, len);
	ret[len] = '\0';
	return true;
}

/* memmem(3) leaps over what cannot match; strstr(3) looks at each byte of a megabyte */
void alias_keep_vfio(char *text, size_t len)
{
	const char *end = text + len, *line = text;
	char *to = text;

	while ((line = memmem(line, (size_t)(end - line), PREFIX, strlen(PREFIX)))) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((newline ? newline + 1 : end) - line);

		memmove(to, line, n);
		to += n;
		line += n;
	}
	*to = '\0';
}

void alias_best_vfio(const char *text, const struct alias_device *dev,
		     char ret[static MODULE_LEN])
{
	const struct field fields[] = {
		{ "v", 8, dev->vendor },
		{ "d", 8, dev->device },
		{ "sv", 8, dev->subvendor },
		{ "sd", 8, dev->subdevice },
		{ "bc", 2, dev->class >> 16 & 0xff },
		{ "sc", 2, dev->class >> 8 & 0xff },
		{ "i", 2, dev->class & 0xff },
	};
	int best = INT_MAX;

	memcpy(ret, "vfio_pci", sizeof("vfio_pci"));
	for (const char *p = text; (p = strstr(p, PREFIX)); p++) {
		const char *module;
		int wildcards =
			match(p + strlen(PREFIX) - 1, fields, ARRAY_LEN(fields), &module);

		if (wildcards >= 0 && wildcards < best && take_module(module, ret))
			best = wildcards;
	}
}
