/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-reserve.h - inside ctl-reserve*.c: which addresses a libvirt network gives */
#pragma once

#include "base.h"
#include "ip.h"
#include "network.h"
#include "text.h"

#include <stdbool.h>

#define RESERVED_MAX 4096
#define SUBNETS_MAX  16

/**
 * struct reservation - A <host> of <dhcp>, or a lease
 * @mac:     Lower case, "" for one without
 */
struct reservation {
	char mac[MAC_LEN];
	struct ip ip;
};

/**
 * struct subnet - An <ip> of IPv4 with <dhcp>
 * @host:    Address of the host in it
 */
struct subnet {
	struct ip_net net;
	struct ip host;
};

/**
 * struct dhcp - What a network gives
 * @bridge:  <bridge name=>
 * @subnet:  @n_subnets
 * @reserved: Owned, @n_reserved
 * @leased:  Owned, @n_leased: of others
 */
struct dhcp {
	char bridge[64];
	struct subnet subnet[SUBNETS_MAX];
	size_t n_subnets;
	struct reservation *reserved, *leased;
	size_t n_reserved, n_leased;
};

/**
 * dhcp_parse() - Read a network XML that libvirt has written
 * @ret:     Filled; owned by the caller, dhcp_free()
 *
 * Return:   0, -EINVAL, -ENOMEM
 */
int dhcp_parse(const char *xml, struct dhcp *ret) MUST_CHECK;

/**
 * dhcp_lease() - Note a lease of somebody
 */
void dhcp_lease(struct dhcp *d, const char *mac, const struct ip *ip);

/**
 * dhcp_reserved() - The reservation of a MAC
 *
 * Return:   Borrowed, or NULL
 */
const struct reservation *dhcp_reserved(const struct dhcp *d, const char *mac);

/**
 * dhcp_objection() - Why an address cannot be reserved for a MAC
 * @ret_why: Part of a sentence
 *
 * Return:   Whether there is a reason
 */
bool dhcp_objection(const struct dhcp *d, const struct ip *ip, const char *mac,
		    char ret_why[static WHY_LEN]);

/**
 * dhcp_choose() - The lowest address that nobody has
 *
 * Return:   0 or -ENOSPC
 */
int dhcp_choose(const struct dhcp *d, const char *mac, struct ip *ret) MUST_CHECK;

void dhcp_free(struct dhcp *d);
