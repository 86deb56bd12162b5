/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domain.h - a VM as the command sees it: by libvirt, or by libvirt's files */
#pragma once

#include "ctl.h"

#include "base.h"
#include "conf.h"
#include "guest.h"

#include <stdbool.h>

/**
 * struct domain - A VM that libvirt has
 * @xml:     Owned. What it is started with next time
 * @guest:   The same, read
 * @running: It runs
 */
struct domain {
	char *xml;
	struct guest guest;
	bool running;
};

/**
 * domain_read() - Find a VM
 * @vm:      Name or UUID
 * @ret:     Filled; owned by the caller, domain_free()
 * @ret_why: One sentence on failure
 *
 * libvirt is asked on this host, if it answers; otherwise, and on a recorded machine, its
 * files in etc/libvirt/qemu are read.
 *
 * Return:   0, -ENOENT there is no such VM, or -errno
 */
int domain_read(const struct ctl *c, const char *vm, struct domain *ret,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * domains_each() - Call a function for each VM that libvirt's files have
 * @each:    Called with the VM, or with NULL and a sentence when its file cannot be read; a
 *           non-zero return ends the walk. What it wants to keep it moves out
 *
 * libvirt is not asked: a look at all of many VMs is quick, and works without it.
 *
 * Return:   0, also when there is no such folder; what @each returned; or -errno
 */
int domains_each(const struct ctl *c,
		 int (*each)(struct domain *d, const char *sentence, void *data),
		 void *data) MUST_CHECK;

/**
 * domain_conf() - The INI file of a VM
 * @ret:     Filled; owned by the caller, conf_vm_free()
 * @ret_why: One sentence on failure, -ENOENT included
 *
 * Return:   As conf_vm_find()
 */
int domain_conf(const struct ctl *c, const struct guest *g, struct conf_vm *ret,
		char ret_why[static WHY_LEN]) MUST_CHECK;

void domain_free(struct domain *d);
