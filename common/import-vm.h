/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-vm.h - which VM of this host has an address */
#pragma once

#include "base.h"
#include "ip.h"
#include "text.h"

struct guest;

/**
 * import_guests() - Call a function for each VM that libvirt knows
 * @root:    Directory descriptor of "/"
 * @each:    Called with each that can be read, and @data; a non-zero return ends the walk
 *
 * Return:   0, what @each returned, or -errno
 */
int import_guests(int root, int (*each)(const struct guest *g, void *data),
		  void *data) MUST_CHECK;

/**
 * struct import_vm - An address of a VM: reserved for it, or leased to it now
 */
struct import_vm {
	char name[NAME_LEN];
	struct ip ip;
};

/**
 * struct import_vms - Those of all VMs that libvirt knows
 * @list:    Owned, @n of them
 */
struct import_vms {
	struct import_vm *list;
	size_t n;
};

/**
 * import_vms_read() - Look into libvirt's folders
 * @root:    Directory descriptor of "/"
 * @ret:     Filled; owned by the caller, import_vms_free(). What cannot be read is left
 * out
 *
 * Return:   0 or -ENOMEM
 */
int import_vms_read(int root, struct import_vms *ret) MUST_CHECK;

/**
 * import_vms_find() - Name of the VM that has an address
 *
 * Return:   Borrowed, NULL: none, or several
 */
const char *import_vms_find(const struct import_vms *vms, const struct ip *ip);

void import_vms_free(struct import_vms *vms);
