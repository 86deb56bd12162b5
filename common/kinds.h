/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kinds.h - the kinds of things on a host that can be set for a VM and given back */
#pragma once

#include "step.h"

/**
 * kind_driver - The driver of a PCI function
 *
 * Target:   Function, "dddd:bb:dd.f"
 * State:    "DRIVER" or "DRIVER override=NAME"; DRIVER is "none" when no driver has it
 * Shared:   no
 *
 * From any state, also one left by an interrupted call: driver_override is aimed at the
 * wanted driver first, so that nothing else can take the function from then on; then
 * whoever has its nodes open is waited for; then the former driver is unbound, the bus
 * probes, and the driver link is read. The override that was asked for is written last.
 * The wanted driver must be there already (kind_module).
 *
 * Error:    -ENODEV no such function; -ENOENT the wanted driver is not loaded; -EBUSY
 *           somebody has it open; -ETIME the kernel has not answered within the
 *           deadline; -EIO the kernel took the writes and did not bind it
 * Source:   Linux Documentation/ABI/testing/sysfs-bus-pci, driver_override;
 *           drivers/pci/pci-driver.c
 */
extern const struct kind kind_driver;

/**
 * kind_module - A kernel module
 *
 * Target:   Module name, with underscores
 * State:    "loaded" or "absent"; one that is built in is always "loaded"
 * Shared:   yes
 *
 * Loading brings what it depends on; unloading takes this one module only. libkmod reads
 * the real /sys/module and /lib/modules, whatever the root of the host is.
 *
 * Error:    -ENOENT no such module for this kernel; -EBUSY in use; others of
 *           finit_module(2) and delete_module(2)
 */
extern const struct kind kind_module;

/**
 * kind_unit - A systemd unit
 *
 * Target:   Unit name with its suffix
 * State:    "active" or "inactive"; a unit that does not exist is "inactive"
 * Shared:   yes
 *
 * A failure count is reset before a start, because a unit that is started and stopped
 * with each VM soon meets its StartLimitBurst=.
 *
 * Error:    -EIO systemctl says no; -ETIME; -ENOENT no systemctl
 */
extern const struct kind kind_unit;

/**
 * kind_console - What shows the host's text on a screen
 *
 * Target:   "vtconN", or a platform framebuffer as "DRIVER/DEVICE",
 *           "efi-framebuffer/efi-framebuffer.0"
 * State:    "bound" or "unbound"
 * Shared:   yes
 *
 * Source:   Linux Documentation/driver-api/console.rst; vfio-pci removes a platform
 *           framebuffer itself since about 6.0
 */
extern const struct kind kind_console;

/**
 * kind_attr - An attribute of a PCI function, out of a short list
 *
 * Target:   "dddd:bb:dd.f/d3cold_allowed", ".../power/control" or ".../reset_method"
 * State:    Its text; "" is written as an empty line
 * Shared:   no
 *
 * Error:    -EPERM not on the list; -ENOENT this kernel or function has no such
 *           attribute
 * Source:   Linux Documentation/ABI/testing/sysfs-bus-pci, sysfs-devices-power
 */
extern const struct kind kind_attr;

/**
 * kinds_all - Those of a hook, NULL-terminated
 */
extern const struct kind *const kinds_all[];
