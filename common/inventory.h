/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inventory.h - a read-only snapshot of PCI functions and of what uses them */
#pragma once

#include "base.h"
#include "alias.h"
#include "bdf.h"
#include "consoles.h"
#include "holders.h"
#include "host.h"
#include "text.h"

#include <stdbool.h>

/* functions looked at for one VM, group members included */
#define INVENTORY_MAX 512

/*
 * PCI class codes, base class and subclass; Source: PCI Code and ID Assignment
 * Specification
 */
#define CLASS_BASE(c)     ((c) >> 16 & 0xff)
#define CLASS_DISPLAY     0x03
#define CLASS_BRIDGE      0x06
#define CLASS_ACCELERATOR 0x12

/**
 * struct function - One PCI function
 * @bdf:        Address
 * @name:       The same as sysfs spells it
 * @id:         vendor:device
 * @class:      24 bits
 * @driver:     Name, "" when none has it
 * @module:     Module of that driver, "" when it is built in or there is no driver
 * @group:      IOMMU group, -1 when the IOMMU is off
 * @boot_vga:   The firmware showed its picture on it
 * @framebuffer: The text console is on it, see struct nodes
 * @vf:         A virtual function of SR-IOV
 * @vgpu:       A function that NVIDIA's host driver keeps for vGPUs
 *           (nvidia/current_vgpu_type)
 * @mdev:       vGPUs can be made on it as mediated devices (mdev_supported_types)
 * @n_vfs:      Virtual functions that it has now
 * @made:       UUID of a mediated device that is made on it now, "" when there is none
 * @made_for:   VM whose files name @made, "" when that is not known; wishes_name_made()
 * @vfio_module: Best VFIO module for it, see alias_best_vfio()
 * @vfio_driver: Driver of that module
 * @use:        What of the host needs it, "" when nothing: "the mounted file system
 * /home", "swap on nvme0n1p3", "the default route by eno1"
 * @holders:    Who has its nodes open, @n_holders
 */
struct function {
	struct bdf bdf;
	char name[BDF_LEN];
	struct id_pair id;
	uint32_t class;
	char driver[MODULE_LEN];
	char module[MODULE_LEN];
	int group;
	bool boot_vga;
	bool framebuffer;
	bool vf;
	bool vgpu;
	bool mdev;
	unsigned int n_vfs;
	char made[UUID_LEN];
	char made_for[NAME_LEN];
	char vfio_module[MODULE_LEN];
	char vfio_driver[MODULE_LEN];
	char use[128];
	struct holder holders[HOLDERS_MAX];
	size_t n_holders;
};

/**
 * struct inventory - What is known of a host
 * @function:   Owned, @n of them, sorted by address
 * @kernel:     Major version of the kernel
 * @console:    What shows text on a screen and is bound now, as kind_console names it,
 * @n_consoles
 */
struct inventory {
	struct function *function;
	size_t n;
	unsigned int kernel;
	char console[CONSOLES_MAX][CONSOLE_LEN];
	size_t n_consoles;
};

/**
 * function_is_gpu() - Whether it is a display or an accelerator function
 */
bool function_is_gpu(const struct function *f);

/**
 * function_is_bridge() - Whether it is a bridge of any kind, which no VM can have
 */
bool function_is_bridge(const struct function *f);

/**
 * inventory_read() - Look at some functions, at the other functions of their slots, and
 * at their groups
 * @h:       Host
 * @bdfs:    Which, @n of them; one that does not exist is left out
 * @inv:     Filled; owned by the caller
 *
 * Nothing is written, and no attribute is read that takes a device lock.
 *
 * Return:   0, -E2BIG more than INVENTORY_MAX functions, or -errno
 */
int inventory_read(const struct host *h, const struct bdf *bdfs, size_t n,
		   struct inventory *inv) MUST_CHECK;

/**
 * inventory_look_closer() - Fill use, holders, framebuffer and the VFIO driver of some
 * functions
 * @h:       Host
 * @inv:     The functions are in it
 * @bdfs:    Which, @n of them
 *
 * Apart from inventory_read(), because it looks through /proc: only for functions that
 * are going to be taken.
 *
 * Return:   0 or -errno
 */
int inventory_look_closer(const struct host *h, struct inventory *inv,
			  const struct bdf *bdfs, size_t n) MUST_CHECK;

/**
 * inventory_find() - A function by address
 *
 * Return:   Borrowed, or NULL
 */
struct function *inventory_find(const struct inventory *inv, const struct bdf *b);

void inventory_free(struct inventory *inv);
