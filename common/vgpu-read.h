/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vgpu-read.h - inside vgpu*.c: one card, with its virtual functions and types */
#pragma once

#include "base.h"
#include "host.h"
#include "vgpu.h"

#include <stdbool.h>

/**
 * struct vgpu_reader - One run of vgpus_read()
 * @h:       Host
 * @asked:   Types to look for, @n_asked; NULL: all
 * @no_types: Types are not looked at
 * @v:       So far
 */
struct vgpu_reader {
	struct host *h;
	const char *const *asked;
	size_t n_asked;
	bool no_types;
	struct vgpus v;
};

/**
 * vgpu_read_card() - Add a card and its parents
 * @name:    Of a PCI function or of an entry of sys/class/mdev_bus. One that is no card,
 *           or is gone, is left out
 *
 * Return:   0, -ENOMEM, or -errno
 */
int vgpu_read_card(struct vgpu_reader *r, const char *name) MUST_CHECK;

/**
 * vgpu_read_mdev() - Add a mediated device
 * @uuid:    Entry of sys/bus/mdev/devices. One whose parent is not known is left out
 *
 * Return:   0 or -ENOMEM
 */
int vgpu_read_mdev(struct vgpu_reader *r, const char *uuid) MUST_CHECK;

#define VGPU_ENTRY_LEN 40 /* of a folder: a UUID is the longest that is looked for */

/**
 * struct vgpu_names - Entries of a folder
 * @list:    Owned, @n of them
 */
struct vgpu_names {
	char (*list)[VGPU_ENTRY_LEN];
	size_t n;
};

/**
 * vgpu_names() - Add the entries of a folder, and sort; none when it is not there
 * @prefix:  Only names that begin so. One that is too long is left out
 * @numbers: virtfn9 stands before virtfn10
 *
 * Return:   0, -ENOMEM, or -errno
 */
int vgpu_names(int dir, const char *path, const char *prefix, bool numbers,
	       struct vgpu_names *ret) MUST_CHECK;

void vgpu_names_free(struct vgpu_names *n);
