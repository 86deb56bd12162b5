/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unheld.h - write an attribute of a vGPU as soon as no VM has the vGPU open */
#pragma once

#include "base.h"
#include "host.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * unheld_write() - Write an attribute that must not be written while a VM uses the device
 * @h:       Host
 * @folder:  Of the device, "sys/bus/mdev/devices/UUID" or "sys/bus/pci/devices/BDF"
 * @name:    Of the attribute, below @folder
 * @value:   What to write
 * @end_ms:  Until when, clock_ms()
 *
 * Whoever has a VFIO node of the device open is waited for. A driver that refuses is asked
 * again: NVIDIA's needs up to 10 s after a VM, and answers EBUSY, EPERM or EIO until then.
 *
 * Return:   0; -ENOENT or -ENODEV the device has gone; -EBUSY somebody has it open, or the
 *           driver refuses; -EIO the driver says that; -ETIME the kernel does not answer; or
 *           -errno
 */
int unheld_write(struct host *h, const char *folder, const char *name, const char *value,
		 uint64_t end_ms) MUST_CHECK;

/**
 * unheld_is_passing() - Whether a driver may answer otherwise some seconds later
 * @r:       -errno
 */
bool unheld_is_passing(int r);
