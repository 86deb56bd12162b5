/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alias.h - the best VFIO driver for a device, from modules.alias */
#pragma once

#include "base.h"

#include <stdint.h>

#define ALIAS_TEXT_MAX (8u << 20) /* libvirt reads at most as much */
/* MODULE_NAME_LEN of the kernel is 56 on 64 bit */
#define MODULE_LEN 64

/**
 * struct alias_device - What an alias is matched against
 * @vendor, @device, @subvendor, @subdevice: As sysfs has them
 * @class:   24 bits: base class, subclass, programming interface
 */
struct alias_device {
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class;
};

/**
 * alias_keep_vfio() - Leave no more of modules.alias than the lines of VFIO's drivers
 * @text:    modules.alias, in and out
 * @len:     Bytes of it, without NUL at the end
 *
 * Of 26,000 lines of Debian 12 one is left. Who looks for the drivers of several functions
 * goes through all lines once.
 */
void alias_keep_vfio(char *text, size_t len);

/**
 * alias_best_vfio() - Module with the vfio_pci: alias that fits a device with the fewest
 * wildcards
 * @text:    modules.alias, or what alias_keep_vfio() left
 * @dev:     The device
 * @ret:     Module name, "vfio_pci" when only the alias that fits everything does, or
 *           none
 *
 * Source:   libvirt >= 10.0, src/util/virpci.c, virPCIDeviceFindBestVFIOVariant(): the
 *           same choice, because libvirt binds a managed device again when it is on
 *           another driver than the one that libvirt would have chosen
 */
void alias_best_vfio(const char *text, const struct alias_device *dev,
		     char ret[static MODULE_LEN]);
