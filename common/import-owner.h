/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-owner.h - which VM of this host has a mediated device, or a PCI function */
#pragma once

#include "base.h"
#include "text.h"

/**
 * struct import_owner - A device in the XML of a VM
 * @key:     UUID or address
 */
struct import_owner {
	char name[NAME_LEN];
	char key[UUID_LEN];
};

/**
 * struct import_owners - Those of all VMs that libvirt knows
 * @list:    Owned, @n of them, by name and key
 */
struct import_owners {
	struct import_owner *list;
	size_t n;
};

/**
 * import_owners_read() - Look into libvirt's folders
 * @root:    Directory descriptor of "/"
 * @ret:     Filled; import_owners_free(). What cannot be read is left out
 *
 * Return:   0 or -ENOMEM
 */
int import_owners_read(int root, struct import_owners *ret) MUST_CHECK;

/**
 * import_owners_find() - Name of the VM that has a device
 *
 * Return:   Borrowed, NULL: none, or several
 */
const char *import_owners_find(const struct import_owners *o, const char *key);

/* Release; for CLEANUP() */
void import_owners_free(struct import_owners *o);
