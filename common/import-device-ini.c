// SPDX-License-Identifier: GPL-2.0-or-later
/* import-device-ini.c - PCI functions that somebody puts on VFIO today, as the text of INI
 * files */

#include "import-device.h"

#include "file.h"
#include "import-owner.h"
#include "inventory.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES "sys/bus/pci/devices"

/**
 * struct writer - One run of import_devices_write()
 * @done:    Which functions some VM has
 */
struct writer {
	const struct import_boot *b;
	FILE *out;
	struct import_owners owners;
	bool done[ARRAY_LEN(((struct import_boot *)NULL)->device)];
};

/* ---- the host ---- */

/* 0 when it cannot be read */
static uint32_t attribute(const struct import_boot *b, const struct bdf *bdf,
			  const char *attr)
{
	char path[PATH_LEN], name[BDF_LEN], text[32];
	uint64_t number;

	bdf_format(bdf, name);
	if (text_format(path, sizeof(path), DEVICES "/%s/%s", name, attr) < 0 ||
	    file_read(b->h->root, path, text, sizeof(text)) <= 0 ||
	    text_hex(text, UINT32_MAX, &number) < 0)
		return 0;
	return (uint32_t)number;
}

/* one that is not here now may well be a card */
static bool is_gpu(const struct import_boot *b, const struct bdf *bdf)
{
	uint32_t class = attribute(b, bdf, "class") >> 16;

	return !class || class == CLASS_DISPLAY || class == CLASS_ACCELERATOR;
}

static bool same_slot(const struct bdf *a, const struct bdf *b)
{
	return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot;
}

/* "=10de:2684", "" when it is not here */
static void id_of(const struct import_boot *b, const struct bdf *bdf, char ret[static 16])
{
	uint32_t vendor = attribute(b, bdf, "vendor");

	ret[0] = '\0';
	if (vendor)
		snprintf(ret, 16, "=%04x:%04x", vendor & 0xffff,
			 attribute(b, bdf, "device") & 0xffff);
}

/* ---- [devices] ---- */

/* whether a VM has the function, or one of its slot; @gpu: a card there */
static bool has(const struct writer *w, const char *vm, const struct bdf *bdf, bool gpu)
{
	struct bdf other;

	for (size_t i = 0; i < w->owners.n; i++)
		if (strcmp(w->owners.list[i].name, vm) == 0 &&
		    bdf_parse(w->owners.list[i].key, &other) == 0 &&
		    same_slot(&other, bdf) && (!gpu || is_gpu(w->b, &other)))
			return true;
	return false;
}

static void write_expect(const struct writer *w, const char *vm)
{
	char list[CONF_LIST_LEN] = "", id[16];
	size_t len = 0, n = 0;

	for (size_t i = 0; i < w->b->n_devices; i++) {
		const struct import_device *d = &w->b->device[i];

		id_of(w->b, &d->bdf, id);
		if (!d->taken || !*id || !is_gpu(w->b, &d->bdf) ||
		    !has(w, vm, &d->bdf, true) || text_has_word(list, id + 1) ||
		    n == CONF_EXPECT_MAX)
			continue;
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					n++ ? " " : "", id + 1);
	}
	if (n)
		fprintf(w->out, "expect     = %s\n", list);
}

/* what "take = gpus" and "siblings = yes" do not reach */
static void write_also(const struct writer *w, const char *vm)
{
	char name[BDF_LEN], id[16];
	size_t n = 0;

	for (size_t i = 0; i < w->b->n_devices; i++) {
		const struct import_device *d = &w->b->device[i];

		if (!d->taken || !has(w, vm, &d->bdf, false) || has(w, vm, &d->bdf, true))
			continue;
		bdf_format(&d->bdf, name);
		id_of(w->b, &d->bdf, id);
		fprintf(w->out, "%s%s%s", n++ ? " " : "also       = ", name, id);
	}
	if (n)
		fprintf(w->out, "\n");
}

static void write_words(const struct writer *w, bool module, const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < w->b->n_words; i++)
		if (w->b->word[i].module == module)
			fprintf(w->out, "%s%s", n++ ? " " : key, w->b->word[i].name);
	if (n)
		fprintf(w->out, "\n");
}

/* @vm: NULL any */
static bool shows_console(const struct writer *w, const char *vm)
{
	for (size_t i = 0; i < w->b->n_devices; i++) {
		const struct bdf *bdf = &w->b->device[i].bdf;

		if (w->b->device[i].taken && attribute(w->b, bdf, "boot_vga") == 1 &&
		    (vm ? has(w, vm, bdf, false) : import_device_owned(&w->owners, bdf)))
			return true;
	}
	return false;
}

/* what a script does for the console's card is not done for VMs that have another one */
static void write_before(const struct writer *w, const char *vm)
{
	bool shows = w->b->primary && shows_console(w, vm);

	if (!w->b->primary || shows || !shows_console(w, NULL)) {
		write_words(w, false, "stop-units = ");
		write_words(w, true, "unload     = ");
	}
	if (shows)
		fprintf(w->out, "primary    = yes\n");
	else if (w->b->primary)
		fprintf(w->out,
			"; no card of this VM shows this host's console: primary = yes is not for it\n");
}

static void write_vm(const struct writer *w, const char *vm)
{
	fprintf(w->out,
		"; /etc/virt-handoff/vms/%s.ini\n[devices]\n; after the VM the host has them again; give-back = no: they stay on VFIO\n",
		vm);
	write_expect(w, vm);
	write_also(w, vm);
	write_before(w, vm);
	fprintf(w->out, "\n");
}

/* each VM once: with the first function that it has */
static bool is_first(const struct writer *w, size_t device, size_t owner)
{
	const char *vm = w->owners.list[owner].name;

	if (owner && strcmp(w->owners.list[owner - 1].name, vm) == 0)
		return false;
	for (size_t i = 0; i < device; i++)
		if (w->b->device[i].taken && has(w, vm, &w->b->device[i].bdf, false))
			return false;
	return true;
}

static void write_vms(struct writer *w)
{
	for (size_t i = 0; i < w->b->n_devices; i++) {
		const struct import_device *d = &w->b->device[i];

		for (size_t k = 0; k < w->owners.n && d->taken; k++) {
			const char *vm = w->owners.list[k].name;

			if (!has(w, vm, &d->bdf, false))
				continue;
			w->done[i] = true;
			if (is_first(w, i, k))
				write_vm(w, vm);
		}
	}
}

/* ---- [early] ---- */

/* with ids, more than these do not go into a line of an INI file */
#define IDS_MAX 40

/* a console that is not given away on purpose stays */
static void write_shown(const struct writer *w)
{
	char name[BDF_LEN];

	for (size_t i = 0; i < w->b->n_devices; i++) {
		const struct import_device *d = &w->b->device[i];

		if (!d->taken || w->done[i] || attribute(w->b, &d->bdf, "boot_vga") != 1)
			continue;
		bdf_format(&d->bdf, name);
		fprintf(w->out,
			"; %s shows this host's console and stays with the host, unless you write primary = yes\n",
			name);
	}
}

static void write_early(const struct writer *w)
{
	char name[BDF_LEN], id[16];
	bool missing = false, with_ids = w->b->n_devices <= IDS_MAX;
	size_t n = 0;

	for (size_t i = 0; i < w->b->n_devices; i++) {
		const struct import_device *d = &w->b->device[i];

		if (!d->taken || w->done[i])
			continue;
		if (n == 0)
			fprintf(w->out,
				"; /etc/virt-handoff/host.ini\n[early]\n; from the boot on, whichever VM has them; then: virt-handoff early update\ndevices = ");
		bdf_format(&d->bdf, name);
		id_of(w->b, &d->bdf, id);
		missing = missing || !*id;
		fprintf(w->out, "%s%s%s", n++ ? " " : "", name, with_ids ? id : "");
	}
	if (n == 0)
		return;
	fprintf(w->out, "\n");
	write_shown(w);
	if (missing)
		fprintf(w->out,
			"; those without an id are not on this host: look at lspci -D\n");
	fprintf(w->out, "\n");
}

bool import_device_owned(const struct import_owners *o, const struct bdf *bdf)
{
	struct bdf other;

	for (size_t i = 0; i < o->n; i++)
		if (bdf_parse(o->list[i].key, &other) == 0 && same_slot(&other, bdf))
			return true;
	return false;
}

int import_devices_write(const struct import_boot *b, FILE *out)
{
	struct writer w = { .b = b, .out = out };
	int r = import_owners_read(b->h->root, &w.owners);

	if (r == 0 && !b->all_early)
		write_vms(&w);
	if (r == 0)
		write_early(&w);
	import_owners_free(&w.owners);
	return r;
}
