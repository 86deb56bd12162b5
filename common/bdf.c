// SPDX-License-Identifier: GPL-2.0-or-later
/* bdf.c - the address of a PCI function, and vendor:device pairs */

#include "bdf.h"

#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DOMAIN_MAX   0xffffff
#define BUS_MAX      0xff
#define SLOT_MAX     0x1f
#define FUNCTION_MAX 7

/* One number of @least to @most digits, followed by @end; *cursor goes past that. */
static int hex_field(const char **cursor, size_t least, size_t most, char end,
		     uint64_t max, uint64_t *ret)
{
	size_t len = strspn(*cursor, "0123456789abcdefABCDEF");
	char digits[9];
	int r;

	if (len < least || len > most || (*cursor)[len] != end)
		return -EINVAL;
	memcpy(digits, *cursor, len);
	digits[len] = '\0';
	r = text_hex(digits, max, ret);
	if (r)
		return -EINVAL;
	*cursor += len + (end != '\0');
	return 0;
}

int bdf_parse(const char *s, struct bdf *ret)
{
	uint64_t domain = 0, bus, slot, function;
	const char *colon = strchr(s, ':');

	if (colon && strchr(colon + 1, ':') &&
	    hex_field(&s, 4, 8, ':', DOMAIN_MAX, &domain))
		return -EINVAL;
	if (hex_field(&s, 2, 2, ':', BUS_MAX, &bus) ||
	    hex_field(&s, 2, 2, '.', SLOT_MAX, &slot) ||
	    hex_field(&s, 1, 1, '\0', FUNCTION_MAX, &function))
		return -EINVAL;
	*ret = (struct bdf){
		.domain = domain,
		.bus = bus,
		.slot = slot,
		.function = function,
	};
	return 0;
}

/* The masks cost nothing and let the compiler see that the text fits. */
void bdf_format(const struct bdf *b, char ret[static BDF_LEN])
{
	snprintf(ret, BDF_LEN, "%04x:%02x:%02x.%x", b->domain & DOMAIN_MAX, b->bus,
		 b->slot & SLOT_MAX, b->function & FUNCTION_MAX);
}

bool bdf_equal(const struct bdf *a, const struct bdf *b)
{
	return bdf_same_slot(a, b) && a->function == b->function;
}

bool bdf_same_slot(const struct bdf *a, const struct bdf *b)
{
	return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot;
}

int id_pair_parse(const char *s, struct id_pair *ret)
{
	uint64_t vendor, device;

	if (hex_field(&s, 4, 4, ':', UINT16_MAX, &vendor) ||
	    hex_field(&s, 4, 4, '\0', UINT16_MAX, &device))
		return -EINVAL;
	*ret = (struct id_pair){ .vendor = vendor, .device = device };
	return 0;
}
