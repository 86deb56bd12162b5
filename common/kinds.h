/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kinds.h - the kinds of things on a host that can be set for a VM and given back */
#pragma once

#include "step.h"

/**
 * kind_driver - The driver of a PCI function
 *
 * Target:   Function, "dddd:bb:dd.f"
 * State:    "DRIVER" or "DRIVER override=NAME"; DRIVER is "none" when no driver has it;
 *           "any", which is only set: no override, and the driver that the kernel chooses,
 *           if there is one
 * Shared:   no
 *
 * From any state, also one left by an interrupted call: driver_override is aimed at the
 * wanted driver first, so that nothing else can take the function from then on; then
 * whoever has its nodes open is waited for, and mediated devices on it; then the former driver is unbound, the bus
 * probes, and the driver link is read. The override that was asked for is written last.
 * The wanted driver must be there already (kind_module).
 *
 * Error:    -ENODEV no such function; -ENOENT the wanted driver is not loaded; -EBUSY
 *           somebody has it, or a mediated device on it; -ETIME the kernel has not answered within the
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
 * with each VM soon meets its StartLimitBurst=. A start in the place of a stop that still
 * waits in systemd is put there, and not waited for.
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
 * kind_mdev - A mediated device
 *
 * Target:   Its UUID
 * State:    "none", or "PARENT TYPE": name of the device it is made on, and id of its type
 * Shared:   no
 *
 * One that is there under another parent or with another type is never removed to make it
 * fit: that is -EEXIST. Whether it was really made is looked up below sys/bus/mdev/devices.
 * Before it is removed whoever has its VFIO node open is waited for, because the kernel
 * would wait for ever (since 6.1); NVIDIA's driver needs up to 10 s after the VM, and
 * refuses until then.
 *
 * Error:    -ENOENT no such parent or type; -ENOSPC the card has no room for it; -EEXIST;
 *           -EBUSY somebody has it open; -ETIME; -EIO the kernel took the write and it did
 *           not appear
 * Source:   Linux Documentation/ABI/testing/sysfs-bus-vfio-mdev
 */
extern const struct kind kind_mdev;

/**
 * kind_vgpu - The vGPU type of a virtual function (NVIDIA's vendor-specific VFIO)
 *
 * Target:   Function, "dddd:bb:dd.f"
 * State:    "none", or the number of the type
 * Shared:   no
 *
 * One that has another type is never changed: that is -EEXIST. Nothing is written while a
 * process has the function's VFIO node open; the driver refuses for some seconds after a
 * VM, and that is waited for. Read back after each write.
 *
 * Error:    -ENOENT not such a function; -ENOSPC the card has no room for it; -EEXIST; -EBUSY;
 *           -ETIME; -EIO reads back as another one
 * Source:   NVIDIA Virtual GPU Software User Guide, vendor-specific VFIO framework
 */
extern const struct kind kind_vgpu;

/**
 * kind_offer - Whether a card's driver is there and says which vGPUs it offers
 *
 * Target:   Function
 * State:    "waiting" or "ready": it has a driver, and, where that driver is NVIDIA's host
 *           driver, its types are there on it or on one of its virtual functions, or it has
 *           none but could have virtual functions
 * Shared:   no
 *
 * Mediated devices of which none can be made, and none is there, are not yet a type. A card
 * in MIG mode without instances is ready too: its types come with them.
 * Only "ready" can be set: it is waited for, because NVIDIA's driver registers its types some
 * time after nvidia-vgpud.service has ended. Meanwhile the card, and virtual functions that
 * NVIDIA's script has left without a driver, are brought back to theirs.
 *
 * Error:    -ENODEV no such function; -ETIME; -EBUSY the script's turn does not come
 */
extern const struct kind kind_offer;

/**
 * kind_numvfs - The virtual functions of a card
 *
 * Target:   Function
 * State:    How many there are, "0".."65535", and " free" behind it when the host's drivers
 *           shall not take them (sriov_drivers_autoprobe 0)
 * Shared:   no
 *
 * Written to sriov_numvfs where the driver takes that; for NVIDIA's, sriov-manage is called,
 * which makes all. In both ways what counts is how many virtfnN there are afterwards, never
 * an exit status. A card that was left without its driver gets it back, and so do its
 * functions. Tried again, some times, when it fails: NVIDIA's script races its own driver at
 * boot, and runs for one card at a time. No function is taken away while one is in use. From
 * " free" to not, drivers are offered those that have none; the other way, a driver keeps what
 * it has.
 *
 * Error:    -ENODEV no such function; -ERANGE it cannot have as many, or not fewer than all
 *           (sriov-manage); -EBUSY functions are in use; -ENOENT no sriov-manage; -ETIME; -EIO
 *           they did not appear; -EREMOTEIO nor did they, and sriov-manage says that it failed
 * Source:   Linux Documentation/ABI/testing/sysfs-bus-pci, sriov_numvfs; drivers/pci/iov.c
 */
extern const struct kind kind_numvfs;

/**
 * kind_mig_mode, kind_mig, kind_mixed - What nvidia-smi sets on an NVIDIA card
 *
 * Target:   Function
 * State:    mig-mode: "on" or "off"; mig: the GPU instance profiles that there are, sorted
 *           by name, blank-separated, "none" without any; mixed: "on" or "off"
 * Shared:   no
 *
 * Instances are made, with a compute instance each, as far as they are missing; where there
 * are others than those asked for it is -EEXIST. Their order does not count.
 *
 * Error:    -ENOENT no nvidia-smi; -ENODEV it does not see the card; -EOPNOTSUPP the card or
 *           the driver has no such thing; -EEXIST; -EBUSY a reset is needed, or there are
 *           vGPUs; -ENOSPC the instances do not fit; -EIO reads back as something else, or not
 *           understood; -ETIME
 * Source:   NVIDIA Multi-Instance GPU User Guide; nvidia-smi(1)
 */
extern const struct kind kind_mig_mode;
extern const struct kind kind_mig;
extern const struct kind kind_mixed;

/**
 * kinds_boot - Those of the boot helper, NULL-terminated
 */
extern const struct kind *const kinds_boot[];

/**
 * kinds_all - Those of a hook, NULL-terminated
 */
extern const struct kind *const kinds_all[];
