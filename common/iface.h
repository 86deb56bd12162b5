/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iface.h - addresses of the host's own interfaces */
#pragma once

#include "base.h"
#include "ip.h"

#include <net/if.h>
#include <stdbool.h>

struct ifaddrs;

/**
 * iface_read() - Read all addresses of the host
 * @ret:     Owned by the caller, iface_free()
 *
 * Return:   0 or -errno
 */
int iface_read(struct ifaddrs **ret) MUST_CHECK;
void iface_free(struct ifaddrs **all);

/**
 * iface_find() - The interface that has a network in common with a guest
 * @ret_net:  The network
 * @ret_name: The interface
 *
 * Return:   0, -ENOENT the guest is behind a router
 */
int iface_find(const struct ifaddrs *all, const struct ip *guest, struct ip_net *ret_net,
	       char ret_name[static IF_NAMESIZE]) MUST_CHECK;

/**
 * iface_of() - The interface that has an address
 *
 * Return:   0, -ENOENT the host does not have it
 */
int iface_of(const struct ifaddrs *all, const struct ip *ip,
	     char ret_name[static IF_NAMESIZE]) MUST_CHECK;

/**
 * iface_has() - Whether an address is one of the host's
 */
bool iface_has(const struct ifaddrs *all, const struct ip *ip);
