// SPDX-License-Identifier: GPL-2.0-or-later
/* network-xml.c - a network XML, as libvirt keeps it and gives it to the hook */

#include "fuzz.h"

#include "network.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct network n = { .bridge = "untouched" };
	char *xml = fuzz_bytes(data, size);
	int r;

	fuzz_guard(true);
	r = network_parse(xml, size, "52:54:00:aa:bb:cc", "train01", &n);
	fuzz_guard(false);
	free(xml);
	if (r < 0) {
		fuzz_must(strcmp(n.bridge, "untouched") == 0);
		return 0;
	}
	fuzz_plain(n.bridge);
	fuzz_must(n.n_ip <= 2);
	for (size_t i = 0; i < n.n_ip; i++)
		fuzz_must(ip_size(&n.ip[i]) == 4 || ip_size(&n.ip[i]) == 16);
	fuzz_must(n.n_ip < 2 || n.ip[0].family != n.ip[1].family);
	return 0;
}
