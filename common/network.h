/* SPDX-License-Identifier: GPL-2.0-or-later */
/* network.h - what a libvirt network XML says of its bridge and of one guest's address */
#pragma once

#include "base.h"
#include "ip.h"
#include "text.h"

#include <stdbool.h>

#define NETWORK_XML_MAX   (1u << 20)
#define NETWORK_DEPTH_MAX 32
#define MAC_LEN           18

/**
 * struct network - What was found
 * @bridge:  <bridge name=>, "" when absent
 * @ip:      Of the <host> for the MAC or name that was asked for, at most one of each
 *           family, @n_ip
 */
struct network {
	char bridge[64];
	struct ip ip[2];
	size_t n_ip;
};

/**
 * network_parse() - Read a network XML, or the status of a running one
 * @xml:     Bytes
 * @len:     How many, at most NETWORK_XML_MAX
 * @mac:     "52:54:00:..", lower case
 * @name:    Of the domain; IPv6 reservations have no MAC
 * @ret:     Filled; untouched on failure
 *
 * A document type is refused, so nothing grows while it is read.
 *
 * Return:   0, -EINVAL no network XML, -E2BIG a bound, -ENOMEM
 * Source:   libvirt docs/formatnetwork.rst; /run/libvirt/network/NAME.xml has the network
 *           inside <networkstatus>
 */
int network_parse(const char *xml, size_t len, const char *mac, const char *name,
		  struct network *ret) MUST_CHECK;

/**
 * network_read() - Find and read the XML of a network
 * @root:    Directory descriptor of "/"
 * @network: Its name
 *
 * The running one is looked at first, then the one that was defined.
 *
 * Return:   0, -ENOENT there is none, or an error of network_parse()
 */
int network_read(int root, const char *network, const char *mac, const char *name,
		 struct network *ret) MUST_CHECK;
