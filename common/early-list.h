/* SPDX-License-Identifier: GPL-2.0-or-later */
/* early-list.h - early.list: what is taken at boot, before any other driver can */
#pragma once

#include "base.h"
#include "bdf.h"

#include <stdbool.h>

/*
 * The list is made where the INI files can be read, and used in the initramfs, where they
 * cannot: so everything is decided when it is made. It stands at the same path on the host
 * and in its initramfs images.
 *
 *	# a comment
 *	0000:41:00.0 10de:2684 vfio-pci vfio_pci
 *	0000:41:00.1 10de:22ba vfio-pci vfio_pci
 *	0000:0a:00.0 10de:2204 vfio-pci vfio_pci primary
 */

#define EARLY_LIST       "var/lib/virt-handoff/early.list" /* below the root */
#define EARLY_MAX        256 /* functions; a host of 64 cards has 128 */
#define EARLY_DRIVER_LEN 64
#define EARLY_TEXT_MAX   (EARLY_MAX * 192u)

/**
 * struct early_entry - One function that is taken
 * @bdf:     Which
 * @id:      vendor:device that must be there
 * @driver:  VFIO driver, "vfio-pci"
 * @module:  Module of that driver, "vfio_pci"
 * @primary: It may be taken although it shows the host's console
 */
struct early_entry {
	struct bdf bdf;
	struct id_pair id;
	char driver[EARLY_DRIVER_LEN];
	char module[EARLY_DRIVER_LEN];
	bool primary;
};

/**
 * struct early_list - All of them, sorted by address
 * @entry:   @n of them, no function twice
 */
struct early_list {
	struct early_entry entry[EARLY_MAX];
	size_t n;
};

/**
 * early_list_add() - Add a function
 *
 * One that is there already stays as it is, but is primary when one of the two is.
 *
 * Return:   0, -E2BIG no room
 */
int early_list_add(struct early_list *l, const struct early_entry *e) MUST_CHECK;

/**
 * early_list_find() - A function by address
 *
 * Return:   Borrowed, or NULL
 */
const struct early_entry *early_list_find(const struct early_list *l,
					  const struct bdf *b);

/**
 * early_list_print() - The text of a list
 * @ret:     Text with its NUL
 *
 * Return:   0, -EFBIG it does not fit
 */
int early_list_print(const struct early_list *l,
		     char ret[static EARLY_TEXT_MAX]) MUST_CHECK;

/**
 * early_list_parse() - Read the text of a list
 * @l:       Filled; untouched on failure
 * @ret_why: One sentence on failure
 *
 * A list with one line that is not understood is refused whole: it was made by a program.
 *
 * Return:   0, -EINVAL, -E2BIG
 */
int early_list_parse(const char *text, struct early_list *l,
		     char ret_why[static WHY_LEN]) MUST_CHECK;
