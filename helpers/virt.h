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
 * virt_version() - Of the daemon: major * 1000000 + minor * 1000 + release
 *
 * Return:   0 when it does not say
 */
unsigned long virt_version(struct virt *v);

/**
 * virt_domain_xml() - The XML of a VM
 * @vm:      Name or UUID
 * @live:    Of the running VM; otherwise what it is started with next time
 * @ret_xml: Owned by the caller
 * @ret_running: Whether it runs
 * @ret_why: One sentence on failure
 *
 * Return:   0, -ENOENT there is no such VM, -EIO libvirt says no
 */
int virt_domain_xml(struct virt *v, const char *vm, bool live, char **ret_xml,
		    bool *ret_running, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * virt_domain_define() - Replace what a VM is started with next time
 * @xml:     Whole domain XML with the VM's UUID; libvirt checks it against its schema
 * @ret_why: One sentence on failure
 *
 * Return:   0 or -EIO
 */
int virt_domain_define(struct virt *v, const char *xml,
		       char ret_why[static WHY_LEN]) MUST_CHECK;
