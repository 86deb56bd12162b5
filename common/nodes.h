/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nodes.h - the device nodes, block devices and interfaces of a PCI function */
#pragma once

#include "base.h"
#include "host.h"

#include <stdbool.h>
#include <sys/types.h>

/* five hundred disks of one controller, with their partitions; a GPU has under 20 */
#define NODES_MAX    2048
#define NODES_IF_MAX 1024 /* a port in switch mode has one for each virtual function */
#define NODES_IF_LEN 16 /* IFNAMSIZ */

/**
 * struct node - One device number
 * @dev:     Major and minor
 * @block:   A block device, otherwise a character device
 */
struct node {
	dev_t dev;
	bool block;
};

/**
 * struct nodes - What a function's driver has made
 * @node:    Owned. Device numbers, @n of them; those of device-mapper and md devices on
 *           top are in it too
 * @iface:   Owned. Network interfaces, @n_ifaces
 * @framebuffer: The framebuffer that the text console is on unless it is told otherwise
 *           (fb0; Source: Linux Documentation/fb/fbcon.rst, fbcon=map) belongs to it
 */
struct nodes {
	struct node *node;
	size_t n;
	char (*iface)[NODES_IF_LEN];
	size_t n_ifaces;
	bool framebuffer;
};

/**
 * nodes_collect() - Find the nodes of a function
 * @h:       Host
 * @bdf:     Function, as sysfs spells it
 * @ret:     Filled, owned by the caller
 *
 * Takes every "dev" file below the function's folder in sysfs, and, because they do not
 * stand there: /dev/nvidiaN (from /proc/driver/nvidia) and the VFIO group.
 *
 * Return:   0, -ENOENT no such function, -E2BIG more than the bounds, or -errno
 * Source:   Linux Documentation/filesystems/sysfs.rst ("dev"); NVIDIA README,
 * /proc/driver/nvidia/gpus
 */
int nodes_collect(const struct host *h, const char *bdf, struct nodes *ret) MUST_CHECK;

bool nodes_have(const struct nodes *s, dev_t dev, bool block);

/**
 * nodes_vfio() - Find the nodes through which a VM has a device open
 * @h:       Host
 * @folder:  Of the device, "sys/bus/mdev/devices/UUID" or "sys/bus/pci/devices/BDF"
 * @ret:     Filled, owned by the caller: its VFIO group and its VFIO character device,
 *           those that there are
 *
 * Return:   0, -ENOENT no such device, or -errno
 */
int nodes_vfio(const struct host *h, const char *folder, struct nodes *ret) MUST_CHECK;

void nodes_free(struct nodes *s);
