/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forwarding-plan.h - inside forwarding*.c: which forwards a VM may have now */
#pragma once

#include "base.h"
#include "book.h"
#include "conf.h"
#include "forwarding.h"

#include <stdbool.h>

struct ifaddrs;

/**
 * struct forwarding - What is known of the host while its forwards are changed
 * @h:       Borrowed. Host
 * @rep:     Borrowed. Who is told
 * @conf:    host.ini
 * @books:   Owned. What all VMs have
 * @ifaces:  Owned. Addresses of the host
 * @changed: Something was done
 */
struct forwarding {
	struct host *h;
	const struct forwarding_report *rep;
	struct conf_host conf;
	struct books books;
	struct ifaddrs *ifaces;
	bool changed;
};

/**
 * plan_forwards() - Find out what a VM's forwards are, as far as addresses are known
 * @c:       Its INI file
 * @b:       What it has, and its interfaces
 * @strict:  A required one that cannot be had is an error; nobody is told of others. The
 *           address need not be known then
 * @ret:     Owned by the caller; named
 * @ret_why: One sentence on failure
 *
 * Return:   0, -EPERM, -ENOMEM
 */
int plan_forwards(const struct forwarding *x, const struct conf_vm *c,
		  const struct book *b, bool strict, struct forwards *ret,
		  char ret_why[static WHY_LEN]) MUST_CHECK;
