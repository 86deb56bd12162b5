/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vms.h - all VMs that have an INI file, with what libvirt's own files say of them */
#pragma once

#include "base.h"
#include "conf.h"
#include "guest.h"
#include "host.h"

#include <stdbool.h>

/**
 * struct vm - A VM that has an INI file
 * @conf:    The file
 * @guest:   Its persistent domain XML; the name alone when libvirt has none of it
 * @defined: libvirt has one
 */
struct vm {
	struct conf_vm conf;
	struct guest guest;
	bool defined;
};

/**
 * vms_each() - Call a function for each VM with an INI file
 * @h:       Host; etc/virt-handoff/vms and etc/libvirt/qemu below its root are read
 * @each:    Called with the VM, or with NULL and a sentence when its files cannot be read;
 *           a non-zero return ends the walk. What it wants to keep of the VM it moves out,
 *           the rest is freed
 * @data:    Handed on
 *
 * libvirt is not asked: at boot it does not run yet, and a hook must not.
 *
 * Return:   0, also when there is no such folder; what @each returned; or -errno
 */
int vms_each(const struct host *h,
	     int (*each)(struct vm *vm, const char *sentence, void *data),
	     void *data) MUST_CHECK;

/**
 * vms_each_named() - The same, for who asks who the VMs are, and not what their XML gives them
 *
 * Of the XML only name and UUID are read, but for a VM with a vGPU that only its XML names:
 * for many VMs the rest is more than half of the time.
 */
int vms_each_named(const struct host *h,
		   int (*each)(struct vm *vm, const char *sentence, void *data),
		   void *data) MUST_CHECK;

void vm_free(struct vm *vm);
