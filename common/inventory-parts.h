/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inventory-parts.h - inside inventory*.c: the folder of one PCI function */
#pragma once

#include "base.h"
#include "host.h"
#include "inventory.h"

#include <stdint.h>

/**
 * inventory_open() - The folder of a function in sysfs
 * @bdf:     Its name
 *
 * Opened once for all that is read of it: a link and eight bridges lead there.
 *
 * Return:   Descriptor with O_PATH, or -errno
 */
int inventory_open(const struct host *h, const char *bdf) MUST_CHECK;

/**
 * inventory_hex() - A number of sysfs
 * @dir:     Of inventory_open()
 * @ret:     Untouched on failure
 *
 * Return:   0, -ERANGE more than @max, or -errno
 */
int inventory_hex(int dir, const char *attr, uint32_t max, uint32_t *ret) MUST_CHECK;
