/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virt.h - what is asked of libvirt, and told to it */
#pragma once

#include "base.h"

#include <stdbool.h>

struct virt;

/**
 * virt_open() - Connect to the host's libvirt, qemu:///system
 * @ret:     Owned by the caller, virt_close()
 * @ret_why: One sentence on failure
 *
 * Return:   0 or -ENOTCONN
 */
int virt_open(struct virt **ret, char ret_why[static WHY_LEN]) MUST_CHECK;

/* Release; for CLEANUP() */
void virt_close(struct virt **v);

/**
 * virt_domain_xml() - The XML of a VM
 * @vm:      Name or UUID
 * @live:    Of the running VM; otherwise what it is started with next time
 * @ret_xml: Owned by the caller
 * @ret_id:  Number of the running VM, another one each time it is started; 0: it does not run
 * @ret_why: One sentence on failure
 *
 * Return:   0, -ENOENT there is no such VM, -EIO libvirt says no, -ENOTCONN it has gone
 */
int virt_domain_xml(struct virt *v, const char *vm, bool live, char **ret_xml,
		    unsigned int *ret_id, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * virt_domain_define() - Replace what a VM is started with next time
 * @xml:     Whole domain XML with the VM's UUID; libvirt checks it against its schema
 * @ret_why: One sentence on failure
 *
 * Return:   0 or -EIO
 */
int virt_domain_define(struct virt *v, const char *xml,
		       char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * virt_domain_runs() - Whether a VM runs; a libvirt that has gone away starts none
 */
bool virt_domain_runs(struct virt *v, const char *uuid);

/**
 * virt_domain_plug() - Plug a device into a running VM, or ask its guest to let it go
 * @xml:     Of the device
 * @in:      Plug in; otherwise the guest is asked, and may still have it afterwards
 * @ret_why: One sentence on failure
 *
 * The lock of the VM must not be held: a VM that stops meanwhile waits for it.
 *
 * Return:   0, -ENOENT there is no such VM, -EIO libvirt says no, -ENOTCONN it has gone, and
 *           may have done it
 */
int virt_domain_plug(struct virt *v, const char *uuid, const char *xml, bool in,
		     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * virt_domains_each() - Call a function for the XML of each VM
 * @each:    Called with what a VM is started with, and, when it runs, with what it has now;
 *           a non-zero return ends the walk
 * @data:    Handed on
 * @ret_why: One sentence when libvirt fails
 *
 * Return:   0, what @each returned, or -EIO
 */
int virt_domains_each(struct virt *v, int (*each)(const char *xml, void *data),
		      void *data, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * virt_network_xml() - The XML of a network
 * @ret_xml: Owned by the caller: of the running one, or of what it is started with
 * @ret_why: One sentence on failure
 *
 * Return:   0, -ENOENT there is no such network, -EIO libvirt says no
 */
int virt_network_xml(struct virt *v, const char *network, char **ret_xml,
		     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * virt_network_reserve() - Add an entry to the DHCP reservations of a network, now and for
 * its next start
 * @host:    "<host mac='...' ip='...'/>"
 * @ret_why: One sentence on failure
 *
 * Return:   0, -ENOENT there is no such network, -EIO libvirt says no
 */
int virt_network_reserve(struct virt *v, const char *network, const char *host,
			 char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * virt_network_leases() - Call a function for each lease of a network
 * @each:    Called with MAC and address, both as text
 *
 * Return:   0, or -EIO
 */
int virt_network_leases(struct virt *v, const char *network,
			void (*each)(const char *mac, const char *ip, void *data),
			void *data, char ret_why[static WHY_LEN]) MUST_CHECK;
