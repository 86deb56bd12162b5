/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-from.h - a host in a folder, whose scripts and files import-boot.c reads */
#pragma once

#include "import-boot.h"
#include "tree.h"

/**
 * struct import_from - The host, and what was found there
 */
struct import_from {
	struct tree tree;
	struct host host;
	struct import_boot *boot;
};

extern struct import_from from;

/**
 * from_setup() - For cmocka: an empty host, and nothing found
 */
int from_setup(void **state);
int from_teardown(void **state);

/**
 * from_unpack() - Put a machine of tests/data into the host
 */
void from_unpack(const char *name);

/**
 * from_domain() - Define a VM
 * @mdev:      UUID of a mediated device that it has, "" none
 * @functions: PCI functions that it has, with blanks between
 */
void from_domain(const char *name, const char *mdev, const char *functions);

/**
 * from_open() - Begin anew with import_boot_open()
 */
void from_open(void);

/**
 * from_script() - from_open(), and read a text as rc.local
 */
void from_script(const char *text);

/**
 * from_count_said() - In how many of the sentences that were said this stands
 */
size_t from_count_said(const char *what);

/**
 * from_print() - What the command prints of all that was found
 *
 * Return:   Owned by the caller
 */
char *from_print(void);

/**
 * from_check() - Compare from_print() with a file of tests/data/boot
 *
 * UPDATE=1 in the environment writes the file anew: look at the difference before you commit
 * it.
 */
void from_check(const char *file);
