// SPDX-License-Identifier: GPL-2.0-or-later
/* vgpu.c - a read-only snapshot of what can be cut into vGPUs, and of the vGPUs there are */

#include "vgpu.h"

#include "file.h"
#include "vgpu-read.h"
#include "vgpu-type.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* a driver that starts a vGPU just now may take seconds */
#define ANSWER_MS 6000

static int add_name(const char *name, struct vgpu_names *names)
{
	char(*more)[VGPU_ENTRY_LEN];

	/* by doubling: a card's folder has hundreds of entries */
	if ((names->n & (names->n - 1)) == 0) {
		more = reallocarray(names->list, names->n ? 2 * names->n : 1,
				    sizeof(*more));
		if (!more)
			return -ENOMEM;
		names->list = more;
	}
	strcpy(names->list[names->n++], name);
	return 0;
}

/**
 * struct listing - vgpu_names() at work
 */
struct listing {
	struct vgpu_names *names;
	const char *prefix;
};

static int take_name(const char *name, void *data)
{
	const struct listing *l = data;

	if (strncmp(name, l->prefix, strlen(l->prefix)) != 0 ||
	    strlen(name) >= VGPU_ENTRY_LEN)
		return 0;
	return add_name(name, l->names);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int by_number(const void *a, const void *b)
{
	return strverscmp(a, b);
}

int vgpu_names(int dir, const char *path, const char *prefix, bool numbers,
	       struct vgpu_names *ret)
{
	struct listing l = { .names = ret, .prefix = prefix };
	int r = file_each(dir, path, take_name, &l);

	if (ret->n)
		qsort(ret->list, ret->n, sizeof(*ret->list),
		      numbers ? by_number : by_name);
	return r == -ENOENT ? 0 : r;
}

void vgpu_names_free(struct vgpu_names *n)
{
	free(n->list);
	*n = (struct vgpu_names){ 0 };
}

static void free_names(struct vgpu_names *n)
{
	vgpu_names_free(n);
}

/* PCI functions are found on their bus; the class has other devices too, where it is. */
static int read_cards(struct vgpu_reader *r)
{
	CLEANUP(free_names) struct vgpu_names names = { 0 };
	int e = vgpu_names(r->h->root, "sys/bus/pci/devices", "", false, &names);

	if (e == 0)
		e = vgpu_names(r->h->root, "sys/class/mdev_bus", "", false, &names);
	for (size_t i = 0; i < names.n && !e; i++)
		if (i == 0 || strcmp(names.list[i - 1], names.list[i]) != 0)
			e = vgpu_read_card(r, names.list[i]);
	if (e == 0)
		vgpu_types_name(&r->v);
	return e;
}

static int read_mdevs(struct vgpu_reader *r)
{
	CLEANUP(free_names) struct vgpu_names names = { 0 };
	int e = vgpu_names(r->h->root, "sys/bus/mdev/devices", "", false, &names);

	for (size_t i = 0; i < names.n && !e; i++)
		if (text_is_uuid(names.list[i]))
			e = vgpu_read_mdev(r, names.list[i]);
	return e;
}

/* Many VMs ask for few types, and each is compared with all that there are. */
static void take_asked(struct vgpu_reader *r, const char *const *types, size_t n,
		       const char **ret)
{
	for (size_t i = 0, k; i < n; i++) {
		for (k = 0; k < r->n_asked && strcmp(ret[k], types[i]) != 0; k++)
			;
		if (k == r->n_asked)
			ret[r->n_asked++] = types[i];
	}
	r->asked = ret;
}

int vgpus_read(struct host *h, const char *const *types, size_t n, struct vgpus *ret)
{
	CLEANUP(free_ptr) const char **asked = NULL;
	unsigned int deadline_ms = h->deadline_ms;
	struct vgpu_reader r = { .h = h };
	int e;

	if (types) {
		asked = calloc(n + 1, sizeof(*asked));
		if (!asked)
			return -ENOMEM;
		take_asked(&r, types, n, asked);
	}
	if (h->deadline_ms > ANSWER_MS)
		h->deadline_ms = ANSWER_MS;
	e = read_cards(&r);
	h->deadline_ms = deadline_ms;
	if (e == 0)
		e = read_mdevs(&r);
	if (e < 0)
		vgpus_free(&r.v);
	else
		*ret = r.v;
	return e;
}

int vgpus_read_card(struct host *h, const char *name, struct vgpus *ret)
{
	struct vgpu_reader r = { .h = h, .no_types = true };
	int e = vgpu_read_card(&r, name);

	if (e < 0)
		vgpus_free(&r.v);
	else
		*ret = r.v;
	return e;
}

void vgpus_free(struct vgpus *v)
{
	for (size_t i = 0; i < v->n_cards; i++)
		free(v->card[i].type);
	for (size_t i = 0; i < v->n_parents; i++)
		free(v->parent[i].offer);
	free(v->card);
	free(v->parent);
	free(v->mdev);
	*v = (struct vgpus){ 0 };
}

const struct vgpu_card *vgpus_card(const struct vgpus *v, const char *name)
{
	for (size_t i = 0; i < v->n_cards; i++)
		if (strcmp(v->card[i].name, name) == 0)
			return &v->card[i];
	return NULL;
}

const struct vgpu_parent *vgpus_parent(const struct vgpus *v, const char *name)
{
	for (size_t i = 0; i < v->n_parents; i++)
		if (strcmp(v->parent[i].name, name) == 0)
			return &v->parent[i];
	return NULL;
}

const struct vgpu_mdev *vgpus_mdev(const struct vgpus *v, const char *uuid)
{
	for (size_t i = 0; i < v->n_mdevs; i++)
		if (strcmp(v->mdev[i].uuid, uuid) == 0)
			return &v->mdev[i];
	return NULL;
}
