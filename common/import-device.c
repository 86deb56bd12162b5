// SPDX-License-Identifier: GPL-2.0-or-later
/* import-device.c - PCI functions that somebody puts on VFIO today, collected */

#include "import-device.h"

#include "import-owner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct import_device *find(struct import_boot *b, const struct bdf *bdf)
{
	for (size_t i = 0; i < b->n_devices; i++)
		if (bdf_equal(&b->device[i].bdf, bdf))
			return &b->device[i];
	return NULL;
}

int import_device_add(struct import_boot *b, const char *where, const struct bdf *bdf,
		      bool taken)
{
	struct import_device *d = find(b, bdf);

	if (d) {
		d->taken = d->taken || taken;
		return 0;
	}
	if (b->n_devices == ARRAY_LEN(b->device))
		return import_boot_say(b, IMPORT_LEFT, where,
				       "more than %zu functions are not taken",
				       ARRAY_LEN(b->device));
	d = &b->device[b->n_devices];
	*d = (struct import_device){ .bdf = *bdf,
				     .taken = taken,
				     .where = strdup(where) };
	if (!d->where)
		return -ENOMEM;
	b->n_devices++;
	return 0;
}

bool import_device_has_word(const struct import_boot *b, bool module, const char *name)
{
	for (size_t i = 0; i < b->n_words; i++)
		if (b->word[i].module == module && strcmp(b->word[i].name, name) == 0)
			return true;
	return false;
}

/* Whether an INI file takes it: no line of one may end with a backslash */
static bool is_good(bool module, const char *name)
{
	return module ? conf_is_module(name)
		      : conf_is_unit(name) && name[strlen(name) - 1] != '\\';
}

/* Whether the value would still be one with this word at its end */
static bool has_room(const struct import_boot *b, bool module, const char *name)
{
	size_t len = strlen(name) + 1;

	for (size_t i = 0; i < b->n_words; i++)
		if (b->word[i].module == module)
			len += strlen(b->word[i].name) + 1;
	return b->n_words < ARRAY_LEN(b->word) && len <= CONF_LIST_LEN;
}

int import_device_word(struct import_boot *b, const char *where, bool module,
		       const char *name)
{
	struct import_word *w;

	if (import_device_has_word(b, module, name))
		return 0;
	if (!is_good(module, name))
		return import_boot_say(b, IMPORT_LEFT, where,
				       "'%.60s' is not the name of a %s", name,
				       module ? "module" : "unit");
	if (!has_room(b, module, name))
		return import_boot_say(b, IMPORT_LEFT, where,
				       "there are too many %ss: write this one by hand",
				       module ? "module" : "unit");
	w = &b->word[b->n_words];
	*w = (struct import_word){ .module = module };
	if (text_copy(w->name, sizeof(w->name), name) < 0)
		return import_boot_say(b, IMPORT_LEFT, where, "the name is too long");
	w->where = strdup(where);
	if (!w->where)
		return -ENOMEM;
	b->n_words++;
	return 0;
}

void import_devices_free(struct import_boot *b)
{
	for (size_t i = 0; i < b->n_devices; i++)
		free(b->device[i].where);
	for (size_t i = 0; i < b->n_words; i++)
		free(b->word[i].where);
	b->n_devices = b->n_words = 0;
}

/* ---- what is not taken ---- */

/*
 * A card that shows the console goes to a VM when somebody starts that; to take it at every
 * boot for nobody leaves a black screen.
 */
static int say_nobody(struct import_boot *b, const struct import_owners *owners)
{
	int r = 0;

	for (size_t i = 0; i < b->n_devices && r == 0; i++) {
		struct import_device *d = &b->device[i];

		if (!b->primary || !d->taken || import_device_owned(owners, &d->bdf))
			continue;
		d->taken = false;
		r = import_boot_say(
			b, IMPORT_LEFT, d->where,
			"no VM has the function as host device: add it with virsh edit, and run this again");
	}
	return r;
}

/* @any: there are functions on VFIO; @of_vm: a VM has one of them */
static int say_words(struct import_boot *b, bool any, bool of_vm)
{
	int r = 0;

	for (size_t i = 0; i < b->n_words && r == 0 && !of_vm; i++)
		r = any ? import_boot_say(
				  b, IMPORT_SAID, b->word[i].where,
				  "no longer needed: no driver of the host gets these functions any more")
			: import_boot_say(b, IMPORT_LEFT, b->word[i].where,
					  "it is about something else; keep it");
	return r;
}

static int say_unbound(struct import_boot *b)
{
	int r = 0;

	for (size_t i = 0; i < b->n_devices && r == 0; i++)
		if (!b->device[i].taken)
			r = import_boot_say(
				b, IMPORT_LEFT, b->device[i].where,
				"the function is taken from its driver, and nothing says that it goes to VFIO; keep it");
	return r;
}

int import_devices_end(struct import_boot *b)
{
	CLEANUP(import_owners_free) struct import_owners owners;
	bool any = false, of_vm = false;
	int r = import_owners_read(b->h->root, &owners);

	r = r ?: say_unbound(b);
	r = r ?: say_nobody(b, &owners);
	for (size_t i = 0; i < b->n_devices; i++) {
		const struct import_device *d = &b->device[i];

		any = any || d->taken;
		of_vm = of_vm || (d->taken && import_device_owned(&owners, &d->bdf));
	}
	return r ?: say_words(b, any, of_vm && !b->all_early);
}
