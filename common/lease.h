/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lease.h - addresses that libvirt's dnsmasq has given to a MAC */
#pragma once

#include "base.h"
#include "ip.h"

#include <stdint.h>

#define LEASE_FILE_MAX \
	(16u << 20) /* a lease is some 200 bytes, and a guest can make it longer */
#define LEASE_FOLDER "var/lib/libvirt/dnsmasq"
#define LEASE_SUFFIX ".status"

/**
 * lease_parse() - Find the leases of a MAC
 * @json:    Bytes of BRIDGE.status
 * @len:     How many
 * @mac:     "52:54:00:..", lower case
 * @now:     Seconds since 1970; a lease that has ended is none
 * @ret:     At most one of each family, the one that ends last
 *
 * Return:   How many, or -EINVAL not what libvirt's lease helper writes
 * Source:   libvirt src/network/leaseshelper.c; ip-address, mac-address, expiry-time
 */
int lease_parse(const char *json, size_t len, const char *mac, int64_t now,
		struct ip ret[static 2]) MUST_CHECK;

/**
 * lease_read() - The same for the file of a bridge
 * @root:    Directory descriptor of "/"
 * @bridge:  Name of the bridge
 *
 * Return:   How many, 0 too when there is no such file; or -errno
 */
int lease_read(int root, const char *bridge, const char *mac,
	       struct ip ret[static 2]) MUST_CHECK;
