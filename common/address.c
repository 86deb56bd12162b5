// SPDX-License-Identifier: GPL-2.0-or-later
/* address.c - the addresses of a guest, found without asking libvirt */

#include "address.h"

#include "lease.h"
#include "network.h"

#include <errno.h>
#include <string.h>

static int add(struct ip ret[static 2], int n, const struct ip *ip)
{
	for (int i = 0; i < n; i++)
		if (ret[i].family == ip->family)
			return n;
	ret[n] = *ip;
	return n + 1;
}

static int find_nic(int root, const struct guest_nic *nic, const char *vm,
		    struct ip ret[static 2])
{
	struct network network = { 0 };
	struct ip lease[2] = { 0 };
	const char *bridge = nic->bridge;
	int n = 0, leases, r = 0;

	if (nic->network[0])
		r = network_read(root, nic->network, nic->mac, vm, &network);
	if (nic->network[0] && r == 0) {
		for (size_t i = 0; i < network.n_ip; i++)
			n = add(ret, n, &network.ip[i]);
		/* libvirt tells the bridge only of a VM that runs */
		if (!bridge[0])
			bridge = network.bridge;
	}
	if (r == -ENOENT)
		r = 0;
	if (!bridge[0] || !nic->mac[0])
		return n ? n : r;
	leases = lease_read(root, bridge, nic->mac, lease);
	for (int i = 0; i < leases; i++)
		n = add(ret, n, &lease[i]);
	return n ? n : leases < 0 ? leases : r;
}

static bool is_meant(const struct guest_nic *nic, const char *which)
{
	return !which[0] || strcmp(nic->mac, which) == 0 ||
	       strcmp(nic->network, which) == 0 || strcmp(nic->bridge, which) == 0;
}

int address_find(int root, const struct guest_nic *nics, size_t n_nics, const char *which,
		 const char *vm, struct ip ret[static 2])
{
	int n = 0, first = 0;

	for (size_t i = 0; i < n_nics && n <= 0; i++) {
		if (!is_meant(&nics[i], which))
			continue;
		n = find_nic(root, &nics[i], vm, ret);
		if (n < 0 && first == 0)
			first = n;
	}
	return n > 0 ? n : first;
}
