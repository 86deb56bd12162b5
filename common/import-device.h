/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-device.h - inside import-*.c: PCI functions that somebody puts on VFIO today */
#pragma once

#include "base.h"
#include "import-boot.h"

#include <stdbool.h>
#include <stdio.h>

/**
 * import_device_add() - A function is put on VFIO, or only taken from its driver
 * @where:   "line 7: TEXT"
 * @taken:   Put on VFIO
 *
 * Return:   0 or -ENOMEM; what is too much is said
 */
int import_device_add(struct import_boot *b, const char *where, const struct bdf *bdf,
		      bool taken) MUST_CHECK;

/**
 * import_device_word() - A unit is stopped for that, or a module is unloaded
 */
int import_device_word(struct import_boot *b, const char *where, bool module,
		       const char *name) MUST_CHECK;

/**
 * import_device_has_word() - Whether that has been said before
 */
bool import_device_has_word(const struct import_boot *b, bool module, const char *name);

/**
 * import_devices_write() - Write [devices] for VMs that have such functions, [early] for
 * what no VM has
 *
 * Return:   0 or -ENOMEM; errors of @out are its own
 */
int import_devices_write(const struct import_boot *b, FILE *out) MUST_CHECK;

/**
 * import_device_owned() - Whether a VM has the function, or another one of its slot
 */
struct import_owners;
bool import_device_owned(const struct import_owners *o, const struct bdf *bdf);

void import_devices_free(struct import_boot *b);
