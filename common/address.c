// SPDX-License-Identifier: GPL-2.0-or-later
/* address.c - the addresses of a guest, found without asking libvirt */

#include "address.h"

#include "lease.h"
#include "network.h"

#include <string.h>

static size_t add(struct ip ret[static 2], size_t n, const struct ip *ip)
{
	for (size_t i = 0; i < n; i++)
		if (ret[i].family == ip->family)
			return n;
	ret[n] = *ip;
	return n + 1;
}

static size_t find_nic(int root, const struct guest_nic *nic, const char *vm,
		       struct ip ret[static 2])
{
	struct network network = { 0 };
	struct ip lease[2] = { 0 };
	const char *bridge = nic->bridge;
	size_t n = 0;
	int leases;

	if (nic->network[0] &&
	    network_read(root, nic->network, nic->mac, vm, &network) == 0) {
		for (size_t i = 0; i < network.n_ip; i++)
			n = add(ret, n, &network.ip[i]);
		/* libvirt tells the bridge only of a VM that runs */
		if (!bridge[0])
			bridge = network.bridge;
	}
	if (!bridge[0] || !nic->mac[0])
		return n;
	leases = lease_read(root, bridge, nic->mac, lease);
	for (int i = 0; i < leases; i++)
		n = add(ret, n, &lease[i]);
	return n;
}

static bool is_meant(const struct guest_nic *nic, const char *which)
{
	return !which[0] || strcmp(nic->mac, which) == 0 ||
	       strcmp(nic->network, which) == 0 || strcmp(nic->bridge, which) == 0;
}

size_t address_find(int root, const struct guest_nic *nics, size_t n_nics,
		    const char *which, const char *vm, struct ip ret[static 2])
{
	size_t n = 0;

	for (size_t i = 0; i < n_nics && n == 0; i++)
		if (is_meant(&nics[i], which))
			n = find_nic(root, &nics[i], vm, ret);
	return n;
}
