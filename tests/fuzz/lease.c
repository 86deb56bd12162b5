// SPDX-License-Identifier: GPL-2.0-or-later
/* lease.c - the leases that libvirt's dnsmasq has given, BRIDGE.status */

#include "fuzz.h"

#include "lease.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *json = fuzz_bytes(data, size);
	struct ip ip[2] = { { 0 } };
	int n;

	fuzz_guard(true);
	n = lease_parse(json, size, "52:54:00:aa:bb:cc", 1700000000, ip);
	fuzz_guard(false);
	fuzz_must(n <= 2);
	for (int i = 0; i < n; i++)
		fuzz_must(ip_is_host(&ip[i]));
	free(json);
	return 0;
}
