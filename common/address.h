/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address.h - the addresses of a guest, found without asking libvirt */
#pragma once

#include "base.h"
#include "guest.h"
#include "ip.h"

/**
 * address_find() - Addresses of a guest by one of its interfaces
 * @root:    Directory descriptor of "/"
 * @nics:    Interfaces of the VM, @n_nics
 * @which:   MAC, name of a network or of a bridge; "": the first that has an address
 * @vm:      Name of the VM
 * @ret:     At most one of each family
 *
 * For each interface: the reservation in its network's XML, then the live lease of its
 * MAC in the file of the bridge's dnsmasq.
 *
 * Return:   How many, 0: not known yet, or -errno: none was found, and a file that may have
 *           one could not be read
 */
int address_find(int root, const struct guest_nic *nics, size_t n_nics, const char *which,
		 const char *vm, struct ip ret[static 2]) MUST_CHECK;
