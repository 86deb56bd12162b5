// SPDX-License-Identifier: GPL-2.0-or-later
/* domain-xml.c - a domain XML, as libvirt gives it to the hook on standard input */

#include "fuzz.h"

#include "guest.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static void check_devices(const struct guest *g)
{
	fuzz_must(g->n_hostdevs <= GUEST_HOSTDEVS_MAX && g->n_mdevs <= GUEST_MDEVS_MAX);
	for (size_t i = 0; i < g->n_hostdevs; i++) {
		const struct guest_hostdev *h = &g->hostdevs[i];

		fuzz_plain(h->driver);
		fuzz_plain(h->model);
		fuzz_must(h->bdf.domain <= 0xffffff && h->bdf.slot < 32 &&
			  h->bdf.function < 8);
		for (size_t k = 0; k < i; k++)
			fuzz_must(!bdf_equal(&h->bdf, &g->hostdevs[k].bdf));
	}
	for (size_t i = 0; i < g->n_mdevs; i++) {
		fuzz_must(text_is_uuid(g->mdevs[i].uuid));
		fuzz_plain(g->mdevs[i].model);
	}
}

static void check_lists(const struct guest *g)
{
	fuzz_must(g->n_nics <= GUEST_NICS_MAX && g->n_pins <= GUEST_PINS_MAX &&
		  g->n_filesystems <= GUEST_FILESYSTEMS_MAX);
	for (size_t i = 0; i < g->n_nics; i++) {
		fuzz_plain(g->nics[i].type);
		fuzz_plain(g->nics[i].network);
		fuzz_plain(g->nics[i].bridge);
		fuzz_must(strlen(g->nics[i].mac) == 0 || strlen(g->nics[i].mac) == 17);
	}
	for (size_t i = 0; i < g->n_pins; i++)
		fuzz_plain(g->pins[i].cpuset);
	for (size_t i = 0; i < g->n_filesystems; i++) {
		fuzz_plain(g->filesystems[i].driver);
		fuzz_plain(g->filesystems[i].source);
		fuzz_plain(g->filesystems[i].target);
	}
}

static void check(const struct guest *g)
{
	/* it becomes the name of a file */
	fuzz_must(text_is_name(g->name) && text_is_uuid(g->uuid));
	fuzz_plain(g->name);
	fuzz_plain(g->machine);
	fuzz_plain(g->cpuset);
	fuzz_plain(g->numatune_mode);
	fuzz_plain(g->numatune_nodeset);
	fuzz_plain(g->memory_source);
	check_devices(g);
	check_lists(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *xml = fuzz_bytes(data, size), why[WHY_LEN] = "";
	struct guest g = { .name = "untouched" };
	int r;

	fuzz_guard(true);
	r = guest_parse(xml, size, &g, why);
	fuzz_guard(false);
	free(xml);
	if (r == 0) {
		check(&g);
		fuzz_must(!*why);
		guest_free(&g);
		return 0;
	}
	fuzz_sentence(why);
	fuzz_must(strcmp(g.name, "untouched") == 0 && !g.hostdevs && !g.nics);
	return 0;
}
