// SPDX-License-Identifier: GPL-2.0-or-later
/* import-boot.c - collect GPUs and vGPUs that somebody sets up at boot today */

#include "import-boot.h"

#include "import-device.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

int import_boot_open(struct import_boot *b, struct host *h)
{
	/* names of types are wanted, not how many of each could be made now */
	static const char *const none[] = { NULL };

	*b = (struct import_boot){ .h = h };
	return vgpus_read(h, none, 0, &b->v);
}

void import_boot_free(struct import_boot *b)
{
	for (size_t i = 0; i < b->n_said; i++)
		free(b->said[i].text);
	free(b->said);
	free(b->vgpu);
	import_devices_free(b);
	vgpus_free(&b->v);
	b->said = NULL;
	b->vgpu = NULL;
	b->n_said = b->n_vgpus = b->n_gpus = 0;
}

int import_boot_say(struct import_boot *b, enum import_kind kind, const char *where,
		    const char *format, ...)
{
	struct import_said *more;
	char what[WHY_LEN], whole[WHY_LEN];
	va_list args;

	if (b->n_said == IMPORT_SAID_MAX)
		return 0;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* makes it printable too */
	why(whole, "%s: %s", where, what);
	/* once, however often a loop comes by */
	for (size_t i = 0; i < b->n_said; i++)
		if (strcmp(b->said[i].text, whole) == 0)
			return 0;
	if (b->n_said == IMPORT_SAID_MAX - 1) {
		kind = IMPORT_LEFT;
		why(whole,
		    "%s: from here on nothing is said any more; give the text in parts",
		    where);
	}
	more = reallocarray(b->said, b->n_said + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	b->said = more;
	more[b->n_said] = (struct import_said){ .kind = kind, .text = strdup(whole) };
	if (!more[b->n_said].text)
		return -ENOMEM;
	b->n_said++;
	return 0;
}

struct import_gpu *import_boot_gpu(struct import_boot *b, const struct bdf *bdf)
{
	for (size_t i = 0; i < b->n_gpus; i++)
		if (bdf_equal(&b->gpu[i].bdf, bdf))
			return &b->gpu[i];
	if (b->n_gpus == GPUS_MAX)
		return NULL;
	b->gpu[b->n_gpus] = (struct import_gpu){ .bdf = *bdf };
	return &b->gpu[b->n_gpus++];
}

static bool is_same(const struct import_vgpu *a, const struct import_vgpu *b)
{
	return *a->uuid ? strcmp(a->uuid, b->uuid) == 0
			: !*b->uuid && strcmp(a->parent, b->parent) == 0;
}

/* Both become values in an INI file, where ; # and quotes mean something. */
static bool has_plain_names(const struct import_vgpu *v)
{
	struct bdf bdf;

	return *v->parent && *v->type && !v->type[strspn(v->type, DEVICE_CHARS)] &&
	       (bdf_parse(v->parent, &bdf) == 0 ||
		!v->parent[strspn(v->parent, DEVICE_CHARS)]);
}

/* One that is made twice is that of the last line: the first may have failed. */
int import_boot_vgpu(struct import_boot *b, const char *where,
		     const struct import_vgpu *v)
{
	struct import_vgpu *more;

	if (!has_plain_names(v))
		return import_boot_say(
			b, IMPORT_LEFT, where,
			"'%s' on '%s' is not the type of a vGPU on a device; write both as sysfs has them",
			v->type, v->parent);
	for (size_t i = 0; i < b->n_vgpus; i++) {
		struct import_vgpu *have = &b->vgpu[i];

		if (!is_same(have, v))
			continue;
		if (memcmp(have, v, sizeof(*v)) == 0)
			return 0;
		*have = *v;
		return import_boot_say(
			b, IMPORT_LOOK, where,
			"%s is made a second time, and otherwise: only this line is taken",
			*v->uuid ? v->uuid : v->parent);
	}
	if (b->n_vgpus == IMPORT_VGPUS_MAX)
		return import_boot_say(b, IMPORT_LEFT, where,
				       "more than %d vGPUs are not taken",
				       IMPORT_VGPUS_MAX);
	more = reallocarray(b->vgpu, b->n_vgpus + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	b->vgpu = more;
	more[b->n_vgpus++] = *v;
	return 0;
}

bool import_boot_look(const struct import_boot *b)
{
	for (size_t i = 0; i < b->n_said; i++)
		if (b->said[i].kind != IMPORT_SAID)
			return true;
	return false;
}
