// SPDX-License-Identifier: GPL-2.0-or-later
/* import-iptables.c - iptables-save output and iptables commands in notes */

#include "fuzz.h"

#include "forward.h"
#include "import-check.h"
#include "import-ini.h"
#include "import-iptables.h"

#include <stdlib.h>
#include <sys/socket.h>

/* of two guests it is known which VMs they are, of the others not */
static struct import_vm known[] = {
	{ "train01", { AF_INET, { 192, 168, 122, 167 } } },
	{ "train01", { AF_INET, { 192, 168, 122, 168 } } },
	{ "desk", { AF_INET, { 10, 0, 0, 2 } } },
};

static void write(const struct import *i)
{
	const struct import_vms vms = { known, ARRAY_LEN(known) };
	char *text = NULL;
	size_t len;
	FILE *f = fuzz_stream(&text, &len);

	fuzz_must(import_write(i, &vms, f) == 0);
	fclose(f);
	import_check(text);
	free(text);
}

#define LOOKED_AT 64

/* one client of a forward, as the INI file says it */
static struct forward forward_of(const struct import_forward *f, size_t client)
{
	return (struct forward){
		.proto = f->proto,
		.lo = f->lo,
		.hi = f->hi,
		.to = f->to,
		.local = f->local,
		.listen = f->listen,
		.guest = f->guest,
		.from = client < f->n_from ? f->from[client] : (struct ip_net){ 0 },
	};
}

static bool collide(const struct import_forward *a, const struct import_forward *b)
{
	for (size_t i = 0; i == 0 || i < a->n_from; i++) {
		for (size_t k = 0; k == 0 || k < b->n_from; k++) {
			struct forward x = forward_of(a, i), y = forward_of(b, k);

			if (forward_collides(&x, &y))
				return true;
		}
	}
	return false;
}

/* no two want the same packet: the VM that starts second would not get it */
static void check_apart(const struct import *found)
{
	for (size_t i = 0; i < found->n && i < LOOKED_AT; i++)
		for (size_t k = 0; k < i; k++)
			fuzz_must(!collide(&found->forward[i], &found->forward[k]),
				  "lines %u and %u", found->forward[k].line,
				  found->forward[i].line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_bytes(data, size), why[WHY_LEN] = "";
	struct import found = { 0 };

	fuzz_guard(true);
	if (import_iptables(text, size, &found, why) == 0) {
		fuzz_must(found.n <= IMPORT_FORWARDS_MAX);
		for (size_t i = 0; i < found.n_notes; i++)
			fuzz_sentence(found.note[i].text);
		for (size_t i = 0; i < found.n; i++)
			fuzz_must(found.forward[i].lo &&
				  found.forward[i].lo <= found.forward[i].hi);
		check_apart(&found);
		write(&found);
		import_free(&found);
	} else {
		fuzz_sentence(why);
	}
	fuzz_guard(false);
	free(text);
	return 0;
}
