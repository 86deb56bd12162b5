// SPDX-License-Identifier: GPL-2.0-or-later
/* vgpu.c - what drivers say of vGPUs in sysfs: types of mediated devices, NVIDIA's own files */

#include "fuzz.h"

#include "vgpu.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The folders are there once: a card with two functions, the one with types of mediated
 * devices and the other with NVIDIA's own files, and a mediated device. Their files are
 * the parts of the input, in the order of this table.
 */
#define CARD "sys/devices/pci0000:e0/0000:e8:00.0/"
#define MDEV "sys/devices/pci0000:e0/0000:e8:00.4/"
#define OWN  "sys/devices/pci0000:e0/0000:e8:00.5/"
#define TYPE "mdev_supported_types/nvidia-558/"
#define BUS  "sys/bus/pci/devices/"
#define UUID "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"

static const char *const files[] = {
	MDEV TYPE "name",
	MDEV TYPE "description",
	MDEV TYPE "available_instances",
	OWN "nvidia/creatable_vgpu_types",
	OWN "nvidia/current_vgpu_type",
	CARD "sriov_totalvfs",
	CARD "vendor",
	CARD "class",
};

static int make_tree(void)
{
	int dir = fuzz_folder();

	fuzz_file(dir, CARD "device", "0x2235\n", 7);
	fuzz_file(dir, MDEV "physfn", "", 0);
	fuzz_file(dir, OWN "physfn", "", 0);
	fuzz_link(dir, CARD "virtfn0", "../0000:e8:00.4");
	fuzz_link(dir, CARD "virtfn1", "../0000:e8:00.5");
	fuzz_link(dir, CARD "driver", "../../../bus/pci/drivers/nvidia");
	fuzz_link(dir, BUS "0000:e8:00.0", "../../../devices/pci0000:e0/0000:e8:00.0");
	fuzz_link(dir, BUS "0000:e8:00.4", "../../../devices/pci0000:e0/0000:e8:00.4");
	fuzz_link(dir, BUS "0000:e8:00.5", "../../../devices/pci0000:e0/0000:e8:00.5");
	fuzz_link(dir, MDEV UUID "/mdev_type", "../mdev_supported_types/nvidia-558");
	fuzz_link(dir, "sys/bus/mdev/devices/" UUID,
		  "../../../devices/pci0000:e0/0000:e8:00.4/" UUID);
	return dir;
}

static void check(const struct vgpus *v)
{
	for (size_t i = 0; i < v->n_cards; i++)
		for (size_t k = 0; k < v->card[i].n_types; k++) {
			const struct vgpu_type *t = &v->card[i].type[k];

			/* shown to people, written into INI files and ledgers */
			fuzz_plain(t->id);
			fuzz_plain(t->name);
			(void)vgpu_type_fits(t, "NVIDIA A40-24A");
		}
	for (size_t i = 0; i < v->n_parents; i++) {
		const struct vgpu_parent *p = &v->parent[i];

		fuzz_must(p->card < v->n_cards);
		fuzz_plain(p->current);
		for (size_t k = 0; k < p->n_offers; k++)
			fuzz_must(p->offer[k].type < v->card[p->card].n_types);
	}
	for (size_t i = 0; i < v->n_mdevs; i++)
		fuzz_must(v->mdev[i].parent < v->n_parents);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const some[] = { "A40-24A", "558" };
	static struct host host = { .root = -1,
				    .run = -1,
				    .deadline_ms = HOST_DEADLINE_MS };
	struct vgpus v;
	char text[8];
	size_t len;

	if (host.root < 0) {
		host.root = make_tree();
		/* the child who reads opens /dev/null, before anything is guarded */
		fuzz_must(worker_read(&host, CARD "device", text, sizeof(text)) == 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const uint8_t *part = fuzz_next(&data, &size, &len);

		fuzz_file(host.root, files[i], part, len);
	}
	fuzz_guard(true);
	for (int all = 0; all < 2; all++) {
		if (vgpus_read(&host, all ? NULL : some, all ? 0 : 2, &v) < 0)
			continue;
		fuzz_must(v.n_cards == 0 || !v.card[0].silent);
		check(&v);
		vgpus_free(&v);
	}
	fuzz_guard(false);
	return 0;
}
