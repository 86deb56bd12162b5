/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-early.h - inside ctl-early*.c: what is asked for, and what the images contain */
#pragma once

#include "base.h"
#include "early-list.h"
#include "findings.h"
#include "host.h"
#include "text.h"

#define IMAGES_MAX 16

/**
 * early_ask() - What all INI files of this host have for the boot
 * @list:    Filled
 * @found:   What is wrong or should be looked at
 * @ret_why: One sentence on failure
 *
 * VMs are read from libvirt's own files, so that it works with libvirt stopped.
 *
 * Return:   0 (also when @found refuses), or -errno
 */
int early_ask(const struct host *h, struct early_list *list, struct findings *found,
	      char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * struct image - An initramfs image that is installed
 * @path:    Absolute
 * @text:    Its early.list, "" when it has none
 */
struct image {
	char path[NAME_LEN + 8];
	char text[EARLY_TEXT_MAX];
};

/**
 * images_find() - The images of the kernels that have modules
 * @ret:     @path of each
 *
 * Return:   How many, at most IMAGES_MAX, or -errno
 */
int images_find(const struct host *h, struct image ret[IMAGES_MAX]) MUST_CHECK;

/**
 * images_print_elsewhere() - Name the folders with images that are out of reach
 *
 * kernel-install's layout (MACHINE-ID/VERSION/initrd) and unified kernel images, in /boot,
 * /efi and /boot/efi: no tool reads one file of those, and who makes them is not known.
 *
 * Source:   kernel-install(8); The Boot Loader Specification
 */
void images_print_elsewhere(const struct host *h);

/**
 * image_read() - Fill @text of an image, with the distribution's own tool
 *
 * Return:   0, -ENOPKG there is no tool that reads images, -EIO the tool says no, or
 *           -errno
 */
int image_read(struct image *i) MUST_CHECK;

/**
 * images_rebuild() - Make all images anew with the tool that the host has
 *
 * Its output is shown.
 *
 * Return:   0, -ENOPKG there is none, -EIO it failed, or -errno
 */
int images_rebuild(void) MUST_CHECK;

/**
 * early_print_record() - What this boot did, and what has changed since
 *
 * Nothing is printed when this boot knew no list.
 */
void early_print_record(const struct host *h);
