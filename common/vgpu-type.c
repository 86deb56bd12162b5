// SPDX-License-Identifier: GPL-2.0-or-later
/* vgpu-type.c - types of a card: which one a person means, what each is called, its size */

#include "vgpu-type.h"

#include "file.h"
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VENDOR_NVIDIA 0x10de
#define DIGITS        "0123456789"
#define SIZE_MAX_GIB  4096 /* far above any card; a larger number means something else */

/* Without NVIDIA or GRID in front, which the releases of the driver changed */
static const char *plain_name(const char *name)
{
	static const char *const makers[] = { "NVIDIA ", "GRID " };

	for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
		size_t len = strlen(makers[i]);

		if (strncasecmp(name, makers[i], len) == 0)
			return name + len;
	}
	return name;
}

/* Number of "558", "nvidia-558", "vfio-pci-558"; NULL: it is not of that form */
static const char *type_number(const char *id)
{
	static const char *const drivers[] = { "", "nvidia-", "vfio-pci-" };

	for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
		size_t len = strlen(drivers[i]);

		if (strncmp(id, drivers[i], len) == 0 && id[len] &&
		    strspn(id + len, DIGITS) == strlen(id + len))
			return id + len;
	}
	return NULL;
}

bool vgpu_type_fits(const struct vgpu_type *t, const char *asked)
{
	const char *have, *want;

	if (!*asked)
		return false;
	if (*t->name && strcasecmp(plain_name(t->name), plain_name(asked)) == 0)
		return true;
	if (strcmp(t->id, asked) == 0)
		return true;
	/* mostly a name is asked for, which is no number */
	want = type_number(asked);
	have = want ? type_number(t->id) : NULL;
	return have && strcmp(have, want) == 0;
}

unsigned int vgpu_type_size(const char *name)
{
	const char *dash = strrchr(name, '-');
	unsigned long gib;
	char *end;

	if (!dash || !dash[1] || !strchr(DIGITS, dash[1]))
		return 0;
	gib = strtoul(dash + 1, &end, 10);
	if (gib > SIZE_MAX_GIB || !*end || !strchr("ABCQ", *end))
		return 0;
	return gib ? (unsigned int)gib * 1024 : 512;
}

/* The number behind "KEY=", 0 when there is none */
static unsigned int number_of(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	unsigned long n = at ? strtoul(at + strlen(key), NULL, 10) : 0;

	return n <= SIZE_MAX_GIB * 1024ul ? (unsigned int)n : 0;
}

/* "num_heads=4, frl_config=45, framebuffer=2048M, ..., max_instance=12"; what it does not say stays as it is */
static void describe(struct vgpu_type *t, const char *text)
{
	t->size_mib = number_of(text, "framebuffer=") ?: t->size_mib;
	t->max = number_of(text, "max_instance=") ?: t->max;
}

bool vgpu_is_nvidia(const struct vgpu_card *c)
{
	return c->pci && c->id.vendor == VENDOR_NVIDIA;
}

/* all functions of a card list its types in one order: mostly it is where it is expected */
static struct vgpu_type *find_type(const struct vgpu_card *c, const char *id,
				   size_t expected)
{
	if (expected < c->n_types && strcmp(c->type[expected].id, id) == 0)
		return &c->type[expected];
	for (size_t i = 0; i < c->n_types; i++)
		if (strcmp(c->type[i].id, id) == 0)
			return &c->type[i];
	return NULL;
}

/* What another card of the same model and driver calls this type */
static const struct vgpu_type *known_type(const struct vgpus *v,
					  const struct vgpu_card *c, const char *id)
{
	for (size_t i = 0; c->pci && i < v->n_cards; i++) {
		const struct vgpu_card *o = &v->card[i];
		const struct vgpu_type *t = find_type(o, id, c->n_types);

		if (t && *t->name && o->id.vendor == c->id.vendor &&
		    o->id.device == c->id.device && strcmp(o->driver, c->driver) == 0)
			return t;
	}
	return NULL;
}

int vgpu_type_add(struct vgpu_card *c, const struct vgpu_type *t, size_t *ret)
{
	struct vgpu_type *have = find_type(c, t->id, *ret);

	if (!have) {
		have = reallocarray(c->type, c->n_types + 1, sizeof(*have));
		if (!have)
			return -ENOMEM;
		c->type = have;
		have += c->n_types++;
		*have = *t;
	}
	if (!*have->name)
		*have = *t;
	*ret = (size_t)(have - c->type);
	return 0;
}

/* a file of a type, "" when there is none; 0, -ETIME, or there is no worker */
static int read_type(const struct vgpu_source *from, const char *id, const char *file,
		     char *ret, size_t size)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "%s/%s/%s", from->types, id, file);

	if (r == 0)
		r = worker_read(from->h, path, ret, size);
	if (r < 0)
		ret[0] = '\0';
	return r == -ETIME || r == -EAGAIN || r == -ENOMEM ? r : 0;
}

static int name_type(const struct vgpus *v, const struct vgpu_card *c,
		     const struct vgpu_source *from, struct vgpu_type *t)
{
	const struct vgpu_type *known = known_type(v, c, t->id);
	char text[512] = "";
	int r;

	if (known) {
		*t = *known;
		return 0;
	}
	if (!from)
		return 0;
	r = read_type(from, t->id, "name", t->name, sizeof(t->name));
	text_clean(t->name);
	if (vgpu_is_nvidia(c))
		t->size_mib = vgpu_type_size(t->name);
	if (r == 0)
		r = read_type(from, t->id, "description", text, sizeof(text));
	describe(t, text);
	return r;
}

int vgpu_type_add_id(const struct vgpus *v, struct vgpu_card *c,
		     const struct vgpu_source *from, const char *id, size_t *ret)
{
	const struct vgpu_type *have = find_type(c, id, *ret);
	struct vgpu_type t = { .max = 0 };
	int e = text_copy(t.id, sizeof(t.id), id);

	if (e == 0 && (!have || !*have->name))
		e = name_type(v, c, from, &t);
	return e ?: vgpu_type_add(c, &t, ret);
}

void vgpu_types_name(struct vgpus *v)
{
	for (size_t i = 0; i < v->n_cards; i++) {
		struct vgpu_card *c = &v->card[i];

		for (size_t k = 0; k < c->n_types; k++)
			if (!*c->type[k].name)
				(void)!name_type(v, c, NULL, &c->type[k]);
	}
}
