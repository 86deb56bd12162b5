/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pinned.h - functions that wait for their VFIO driver since the initramfs */
#pragma once

#include "early-list.h"
#include "guest.h"
#include "host.h"

/*
 * `early` writes driver_override in the initramfs, and `late` loads the VFIO driver when
 * the host is up. A VM may start in between. For a hostdev with managed='yes' libvirt loads
 * VFIO, which takes what is pinned; one with managed='no' it wants to find on VFIO, and does
 * not start the VM otherwise. And a VM that gives back would leave a function without
 * driver that had none before. So the hook binds what is pinned before anybody looks, for
 * every VM. What was not there in the initramfs is not pinned, and not bound here: where
 * neither the VM's INI file nor libvirt takes it at the start, it waits for `late`.
 *
 * Source: libvirt src/util/virpci.c, virPCIDeviceBindToStub(); src/hypervisor/virhostdev.c,
 *         virHostdevPreparePCIDevicesImpl()
 */

/*
 * Below the root: the list of the initramfs, as long as one of its functions is pinned. The
 * host may have another list by now. hooks/gate.c looks for it too.
 */
#define PINNED_LIST "run/virt-handoff/pinned"

/**
 * pinned_bind() - Load the driver of a VM's pinned functions and let it have them
 * @h:       Host
 * @g:       Its hostdevs are looked at
 * @ret_why: One sentence on failure
 *
 * Does nothing where no function is pinned. One that has a driver, or another override
 * than the list says, is somebody else's affair. A failure does not stop the rest.
 *
 * Units:    h->deadline_ms for each module and each function
 * Return:   0, or what kind_module or kind_driver says, of the first
 */
int pinned_bind(struct host *h, const struct guest *g,
		char ret_why[static WHY_LEN]) MUST_CHECK;
