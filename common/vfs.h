/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vfs.h - the virtual functions of a card: which there are, and whether one is in use */
#pragma once

#include "base.h"
#include "bdf.h"
#include "host.h"

#define VFS_DRIVER_LEN 64 /* the longest name in Linux 6.12 has 26 bytes */
/* what NVIDIA's script leaves a card with when it is ended half-way */
#define VFS_STUB "pci-pf-stub"

/**
 * struct vfs - The virtual functions of a card
 * @bdf:     Owned. Addresses as sysfs spells them, @n of them, in no order
 */
struct vfs {
	char (*bdf)[BDF_LEN];
	size_t n;
};

/**
 * vfs_read() - List the virtual functions of a card, by its virtfnN
 * @h:       Host
 * @card:    Physical function, "dddd:bb:dd.f"
 * @ret:     Filled; owned by the caller, vfs_free()
 *
 * Return:   0, -ENODEV no such function, -ENOMEM, or -errno
 */
int vfs_read(const struct host *h, const char *card, struct vfs *ret) MUST_CHECK;

void vfs_free(struct vfs *v);

/**
 * vfs_total() - How many virtual functions a card can have; 0 when it can have none
 */
unsigned int vfs_total(const struct host *h, const char *card);

/**
 * vfs_driver() - The driver of a function
 * @h:       Host
 * @bdf:     Physical or virtual function
 * @ret:     Its name; "" when no driver has it
 *
 * Return:   0, -ENODEV no such function, or -errno
 */
int vfs_driver(const struct host *h, const char *bdf,
	       char ret[static VFS_DRIVER_LEN]) MUST_CHECK;

/**
 * vfs_is_lost() - Whether NVIDIA's script was ended before it gave a function back
 * @driver:  That the function has: none, or the script's stub
 */
bool vfs_is_lost(const char *driver);

/**
 * vfs_find_driver() - Let the bus find a driver for a function that was lost, as at boot
 * @h:       Host
 * @bdf:     Physical or virtual function
 * @ret:     Its driver then; "" when there is none for it
 *
 * One that has a driver keeps it.
 *
 * Return:   0, -ENODEV no such function, or -errno
 */
int vfs_find_driver(struct host *h, const char *bdf,
		    char ret[static VFS_DRIVER_LEN]) MUST_CHECK;

/**
 * vfs_has_mdev() - Whether mediated devices are made on a function
 * @bdf:     Physical or virtual function
 *
 * Return:   1, 0, or -errno
 */
int vfs_has_mdev(const struct host *h, const char *bdf) MUST_CHECK;

/**
 * vfs_in_use() - Whether one of them must not be taken away
 * @h:       Host
 * @v:       Virtual functions
 *
 * One that has a type of vGPU, or a mediated device on it, or a node that a process has
 * open, or that the host itself needs.
 *
 * Return:   1, 0, or -errno
 */
int vfs_in_use(struct host *h, const struct vfs *v) MUST_CHECK;
