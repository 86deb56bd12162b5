/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bdf.h - the address of a PCI function, and vendor:device pairs */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stdint.h>

#define BDF_LEN 16 /* "dddd:bb:dd.f" is 12; VMD domains have up to 6 digits */

/**
 * struct bdf - One PCI function
 * @domain:  PCI domain (segment), 0..0xffffff
 * @bus:     0..255
 * @slot:    0..31 ("device" in the PCI specification)
 * @function: 0..7
 */
struct bdf {
	uint32_t domain;
	uint8_t bus;
	uint8_t slot;
	uint8_t function;
};

/**
 * struct id_pair - vendor:device
 * @vendor:  0..0xffff
 * @device:  0..0xffff
 */
struct id_pair {
	uint16_t vendor;
	uint16_t device;
};

/**
 * bdf_parse() - Read "dddd:bb:dd.f" or "bb:dd.f" (domain 0)
 * @s:       Text; upper or lower case
 * @ret:     The function
 *
 * Return:   0 or -EINVAL
 */
int bdf_parse(const char *s, struct bdf *ret) MUST_CHECK;

/**
 * bdf_format() - Write the form that sysfs uses, lower case
 */
void bdf_format(const struct bdf *b, char ret[static BDF_LEN]);

bool bdf_equal(const struct bdf *a, const struct bdf *b);

/**
 * bdf_same_slot() - Whether two functions belong to one device (same bus and slot)
 */
bool bdf_same_slot(const struct bdf *a, const struct bdf *b);

/**
 * id_pair_parse() - Read "10de:2684"
 * @s:       Text: two hexadecimal numbers of exactly four digits
 * @ret:     The pair
 *
 * Return:   0 or -EINVAL
 */
int id_pair_parse(const char *s, struct id_pair *ret) MUST_CHECK;
